/** Does the router let this computer reach its own public address? If not, a test from inside says nothing. */
import { isPublic } from '../../contract/address.ts';
import { forAtMost } from '../../system/deadline.ts';
import { NetworkError } from '../../system/system.ts';
import { finding, ONE_ATTEMPT, type Check } from '../examination.ts';

export const hairpin: Check = async (examination, signal) => {
  const { system, around } = examination;
  const gateway = await examination.defaultGateway();
  const external = gateway?.externalAddress;
  if (external === undefined || external === 'none' || external === 'unknown' || !isPublic(external)) return [];
  for (const { status, transport, family, internal } of around.app().engine.mappings) {
    if (status.at !== 'open' || transport !== 'tcp' || family !== 'ipv4') continue;
    // Only where somebody would answer.
    const sockets = (await examination.sockets()) ?? [];
    if (!sockets.some((socket) => socket.transport === 'tcp' && socket.port === internal.port)) continue;
    const { port } = status.lease.external;
    try {
      const connection = await forAtMost(system.clock, ONE_ATTEMPT, signal, (inTime) =>
        system.tcp.connect({ address: external, port }, {}, inTime),
      );
      connection?.close();
      const works = connection !== undefined;
      return [finding(works ? 'fine' : 'hint', works ? 'hairpin-works' : 'hairpin-missing', { external, port })];
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return [finding('hint', 'hairpin-missing', { external, port })];
    }
  }
  return [];
};
