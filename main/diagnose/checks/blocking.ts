/** A firewall of this computer, or a missing permission, that keeps the search from being sent or answered (H1, H4). */
import { port } from '../../contract/units.ts';
import { problemOf, type ProblemCode } from '../../contract/problems.ts';
import type { ProtocolName } from '../../contract/diagnosis/findings.ts';
import type { FirewallReading } from '../../system/system.ts';
import { finding, problemFinding, PROTOCOLS, type Check } from '../examination.ts';

const TOLD: ReadonlySet<string> = new Set<ProblemCode>(['traffic-denied', 'local-network-denied']);

/** Where the answers come from: UPnP DA 2.0 §1.3, RFC 6886 §3.1, RFC 6887 §19.5. */
const SERVER_PORT: Readonly<Record<ProtocolName, number>> = { UPnP: 1900, 'NAT-PMP': 5351, PCP: 5351 };
/** Any of the ports that the system assigns. */
const CLIENT_PORT = port(50_000);

export const blocking: Check = async (examination) => {
  const { system, around } = examination;
  const told = around.app().engine.problems.filter(({ code }) => TOLD.has(code));
  if (told.length > 0) return told.map((problem) => problemFinding('trouble', problem));
  const { summary } = await examination.found();
  const now = system.clock.now();
  const gateway = await examination.defaultGateway();
  if (summary?.localNetworkDenied === true && gateway === undefined) {
    return [problemFinding('trouble', problemOf('local-network-denied', {}, now))];
  }
  if (summary?.denied === true && gateway === undefined) {
    const router = summary.routers[0]?.address ?? '';
    return [problemFinding('trouble', problemOf('traffic-denied', { gateway: router }, now))];
  }
  const state = await examination.network();
  const route = state?.defaultRoutes.find(({ family }) => family === 'ipv4');
  if (route === undefined || system.firewalls === undefined) return [finding('fine', 'search-passes', {})];
  const silent = PROTOCOLS.filter((name) => gateway?.protocols.includes(name) !== true);
  const blocked: (FirewallReading & { readonly protocol: ProtocolName })[] = [];
  for (const protocol of silent) {
    const readings = await system.firewalls({
      transport: 'udp',
      port: CLIENT_PORT,
      from: { address: route.gateway, port: SERVER_PORT[protocol] },
      interfaceName: route.interfaceName,
      isAnswer: true,
    });
    const reading = readings.find(({ verdict }) => verdict === 'blocks');
    if (reading !== undefined) blocked.push({ ...reading, protocol });
  }
  const [first] = blocked;
  if (first === undefined) return [finding('fine', 'search-passes', {})];
  const { name, where } = first;
  const protocols = blocked.map(({ protocol }) => protocol);
  // Ports can be opened with those that are answered.
  const level = gateway === undefined ? 'trouble' : 'hint';
  return [finding(level, 'answers-blocked', { firewall: name, where, protocols })];
};
