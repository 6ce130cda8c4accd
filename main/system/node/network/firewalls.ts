/** Verdicts of this machine's own firewalls on a packet, as far as this user may know. */
import { readFile } from 'node:fs/promises';
import type { FirewallReading, IncomingPacket } from '../../system.ts';
import { runCommand } from '../run-command.ts';
import { windowsFirewall } from './firewall-windows.ts';
import { rulesetVerdict } from './nftables.ts';

/** Prints what a tool says. @throws when it is not there, or fails */
type Run = (file: string, args: readonly string[]) => Promise<string>;
/** @throws when there is no such file, or it may not be read */
type Read = (file: string) => Promise<string>;

const read: Read = (file) => readFile(file, 'utf8');

/** Empty where none is on. Never rejects. */
export function firewallsOf(packet: IncomingPacket): Promise<readonly FirewallReading[]> {
  switch (process.platform) {
    case 'linux':
      return linuxFirewalls(packet, runCommand, read);
    case 'darwin':
      return macosFirewall(packet, runCommand);
    case 'win32':
      return windowsFirewall(packet, runCommand);
    default:
      return Promise.resolve([]);
  }
}

/** A user who may read the kernel's rules knows all; ufw and firewalld are rules there, too. */
export async function linuxFirewalls(
  packet: IncomingPacket,
  run: Run,
  read: Read,
): Promise<readonly FirewallReading[]> {
  const ruleset = await firstOf(['nft', '/usr/sbin/nft'], (nft) => run(nft, ['-j', 'list', 'ruleset']));
  const manager = (await ufw(packet, read)) ?? (await firewalld(packet, run));
  if (ruleset === undefined) return manager === undefined ? [] : [manager];
  const verdict = rulesetVerdict(ruleset, packet);
  return verdict === undefined ? [] : [{ name: manager?.name ?? 'nftables', ...verdict }];
}

/** Its switch may be read by everybody, its rules only by root: it lets in nothing that they do not name. */
async function ufw({ isAnswer = false }: IncomingPacket, read: Read): Promise<FirewallReading | undefined> {
  const settings = await read('/etc/ufw/ufw.conf').catch(() => '');
  if (!/^\s*ENABLED\s*=\s*yes\b/im.test(settings)) return undefined;
  const policy = await read('/etc/default/ufw').catch(() => '');
  const letsIn = isAnswer || /^\s*DEFAULT_INPUT_POLICY\s*=\s*"?ACCEPT/im.test(policy);
  return { name: 'ufw', verdict: letsIn ? 'lets-in' : 'unknown', where: '' };
}

/** Services that open no port for a program of the person's own. */
const USUAL_SERVICES: ReadonlySet<string> = new Set([
  'dhcpv6-client',
  'ssh',
  'mdns',
  'samba-client',
  'cockpit',
  'ipp-client',
]);

async function firewalld(
  { transport, port, interfaceName, isAnswer = false }: IncomingPacket,
  run: Run,
): Promise<FirewallReading | undefined> {
  const ask = async (...args: readonly string[]): Promise<string> =>
    (await run('firewall-cmd', args).catch(() => '')).trim();
  if ((await ask('--state')) !== 'running') return undefined;
  const zone = (await ask(`--get-zone-of-interface=${interfaceName}`)) || (await ask('--get-default-zone'));
  const reading = (verdict: FirewallReading['verdict']) => ({ name: 'firewalld', verdict, where: zone });
  if (isAnswer || zone === 'trusted') return reading('lets-in');
  const ports = await ask(`--zone=${zone}`, '--list-ports');
  const isListed = ports.split(/\s+/).some((entry) => {
    const [, first = '', last = first, protocol] = /^(\d+)(?:-(\d+))?\/(tcp|udp)$/.exec(entry) ?? [];
    return protocol === transport && Number(first) <= port && port <= Number(last);
  });
  if (isListed) return reading('lets-in');
  const services = (await ask(`--zone=${zone}`, '--list-services')).split(/\s+/).filter((name) => name !== '');
  return reading(services.every((name) => USUAL_SERVICES.has(name)) ? 'blocks' : 'unknown');
}

const SOCKETFILTERFW = '/usr/libexec/ApplicationFirewall/socketfilterfw';

/** It decides by program, not by port. */
export async function macosFirewall(
  { program = '', isAnswer = false }: IncomingPacket,
  run: Run,
): Promise<readonly FirewallReading[]> {
  const state = /State = (\d)/.exec(await run(SOCKETFILTERFW, ['--getglobalstate']).catch(() => ''))?.[1] ?? '0';
  if (state === '0') return [];
  const reading = (verdict: FirewallReading['verdict']) => [{ name: 'macOS', verdict, where: '' }];
  if (isAnswer) return reading('lets-in');
  if (state === '2') return reading('blocks');
  if (program === '') return reading('unknown');
  const listed = await run(SOCKETFILTERFW, ['--listapps']).catch(() => '');
  const lines = listed.split('\n');
  const isOf = (line: string): boolean =>
    [`/${program}`, `/${program}.app`].some((end) => line.trimEnd().endsWith(end));
  const at = lines.findIndex(isOf);
  const rule = at < 0 ? '' : (lines[at + 1] ?? '');
  return reading(/block/i.test(rule) ? 'blocks' : /allow/i.test(rule) ? 'lets-in' : 'unknown');
}

async function firstOf(files: readonly string[], run: (file: string) => Promise<string>): Promise<string | undefined> {
  for (const file of files) {
    const said = await run(file).catch(() => undefined);
    if (said !== undefined) return said;
  }
  return undefined;
}
