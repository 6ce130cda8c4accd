/** Does a program listen where the ports forward to, and can others reach it? On loopback alone is the classic (H8). */
import { familyOf, scopeOf } from '../../contract/address.ts';
import type { Forward, Transport } from '../../contract/model.ts';
import { isPort, type Port } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import { NetworkError, type WaitingSocket } from '../../system/system.ts';
import { finding, ONE_ATTEMPT, type Check, type CheckFinding, type Examination } from '../examination.ts';

/** Ports of a range to look at: one program has them all, or none. */
const MOST_OF_RANGE = 16;

export const programs: Check = async (examination, signal) => {
  const { wanted } = examination;
  if (wanted.length === 0) return [];
  const each = await Promise.all(
    wanted.map(async (forward) =>
      (await examination.isHere(forward))
        ? await here(examination, forward)
        : await elsewhere(examination, forward, signal),
    ),
  );
  return each.flat();
};

/** Internal ports of a forward, the first few of a range. */
function internalPorts({ internal, external }: Forward): readonly Port[] {
  const count = Math.min(external.last - external.first + 1, MOST_OF_RANGE);
  return Array.from({ length: count }, (_, at) => internal.first + at).filter(isPort);
}

/** The sockets that wait on the forward's ports; nothing when the system does not say. */
export async function socketsOf(
  examination: Pick<Examination, 'sockets'>,
  forward: Forward,
  transports: readonly Transport[] = forward.transports,
): Promise<readonly WaitingSocket[] | undefined> {
  const ports = internalPorts(forward);
  const all = await examination.sockets();
  return all?.filter(({ transport, port }) => transports.includes(transport) && ports.includes(port));
}

async function here(examination: Examination, forward: Forward): Promise<readonly CheckFinding[]> {
  const about = { forward: forward.id };
  const sockets = await socketsOf(examination, forward);
  if (sockets === undefined) return [finding('unknown', 'programs-unknown', {}, about)];
  const own = await ownAddress(examination);
  const named = async ({ transport, port }: WaitingSocket) => ({
    transport,
    port,
    program: await examination.programOn(transport, port),
  });
  const reached = sockets.filter((socket) => !isLoopback(socket) && isAt(socket, own));
  // A program often uses only some of TCP and UDP, and of a range.
  if (reached.length > 0) {
    const once = reached.filter(
      ({ transport, port }, at) => reached.findIndex((one) => one.transport === transport && one.port === port) === at,
    );
    return [finding('fine', 'listens', { places: await Promise.all(once.map(named)) }, about)];
  }
  const [socket] = sockets;
  if (socket !== undefined) {
    const code = isLoopback(socket) ? 'loopback-only' : 'other-interface';
    return [finding('trouble', code, { ...(await named(socket)), address: socket.address }, about)];
  }
  const [transport = 'tcp', second] = forward.transports;
  if (second === undefined) {
    const other = (await socketsOf(examination, forward, [transport === 'tcp' ? 'udp' : 'tcp'])) ?? [];
    const reachable = other.find((one) => !isLoopback(one));
    if (reachable !== undefined) {
      return [finding('trouble', 'other-transport', { ...(await named(reachable)), transport }, about)];
    }
  }
  return [finding('trouble', 'nothing-listens', { transport, port: forward.internal.first }, about)];
}

/** This computer's address that ports forward to. */
async function ownAddress(examination: Examination): Promise<string | undefined> {
  const state = await examination.network();
  const route = state?.defaultRoutes.find(({ family }) => family === 'ipv4');
  const own = state?.interfaces.find(({ name }) => name === route?.interfaceName);
  return own?.addresses.find(({ address }) => familyOf(address) === 'ipv4')?.address;
}

const isAt = ({ address }: WaitingSocket, own: string | undefined): boolean =>
  own === undefined || scopeOf(address) === 'unspecified' || familyOf(address) === 'ipv6' || address === own;

const isLoopback = ({ address }: WaitingSocket): boolean => scopeOf(address) === 'loopback';

/** Another device: TCP shows it, UDP does not. */
async function elsewhere(
  { system }: Examination,
  { id, internal, transports }: Forward,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const { client, first: port } = internal;
  const about = { forward: id };
  if (client === undefined || !transports.includes('tcp')) return [finding('unknown', 'programs-unknown', {}, about)];
  const place = { transport: 'tcp', port } as const;
  try {
    const connection = await forAtMost(system.clock, ONE_ATTEMPT, signal, (inTime) =>
      system.tcp.connect({ address: client, port }, {}, inTime),
    );
    if (connection === undefined) return [finding('hint', 'device-silent', { ...place, client }, about)];
    connection.close();
    return [finding('fine', 'listens', { places: [{ ...place, program: '' }] }, about)];
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const isRefused = error.fault === 'refused';
    return [
      finding(
        isRefused ? 'trouble' : 'hint',
        isRefused ? 'device-refuses' : 'device-silent',
        { ...place, client },
        about,
      ),
    ];
  }
}
