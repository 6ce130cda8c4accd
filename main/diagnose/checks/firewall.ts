/** This computer's own firewall: does it let the internet in to the program? (H7) */
import { ip } from '../../contract/address.ts';
import { finding, type Check } from '../examination.ts';
import { socketsOf } from './programs.ts';

/** Stands for somebody on the internet (RFC 5737). */
const SOMEBODY = { address: ip('198.51.100.1'), port: 50_000 };
/** Forwards that are looked at; rules are seldom about one port alone. */
const MOST_FORWARDS = 16;

export const firewall: Check = async (examination) => {
  const { system, wanted } = examination;
  const { firewalls } = system;
  const state = await examination.network();
  const route = state?.defaultRoutes.find(({ family }) => family === 'ipv4');
  if (firewalls === undefined || route === undefined) return [];
  const names = new Set<string>();
  for (const forward of wanted.slice(0, MOST_FORWARDS)) {
    if (!(await examination.isHere(forward))) continue;
    const about = { forward: forward.id };
    const { first: port } = forward.internal;
    const used = (await socketsOf(examination, forward)) ?? [];
    const asked = used.length > 0 ? used : forward.transports.map((transport) => ({ transport, port }));
    for (const { transport, port } of asked) {
      const program = await examination.programOn(transport, port);
      const { interfaceName } = route;
      const readings = await firewalls({ transport, port, from: SOMEBODY, interfaceName, program });
      for (const { name, verdict, where } of readings) {
        names.add(name);
        if (verdict === 'blocks')
          return [finding('trouble', 'firewall-blocks', { transport, port, firewall: name, where }, about)];
        if (verdict === 'unknown') return [finding('unknown', 'firewall-unclear', { firewall: name }, about)];
      }
    }
  }
  if (wanted.length === 0) return [];
  const [name] = names;
  return [
    name === undefined ? finding('fine', 'no-firewall', {}) : finding('fine', 'firewall-lets-in', { firewall: name }),
  ];
};
