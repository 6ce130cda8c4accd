/** Rules and state of the Windows firewall, as the registry keeps them: no privileges are needed to read it. */
import path from 'node:path';
import type { FirewallReading, IncomingPacket } from '../../system.ts';
import { windowsTool } from '../run-command.ts';

type Run = (file: string, args: readonly string[]) => Promise<string>;

const REG = windowsTool('reg.exe');
const POLICY = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';
const RULES = `${POLICY}\\FirewallRules`;

const TCP = '6';
const UDP = '17';

/**
 * Do rules let both TCP and UDP in to this program? Without them Windows asks the person, in the middle of a screen, as
 * soon as it listens.
 * @param run prints what a tool says @throws what `run` throws; `reg` fails when nothing is found
 */
export async function isLetIn(program: string, run: Run): Promise<boolean> {
  const name = path.win32.basename(program);
  const printed = await run(REG, ['query', RULES, '/f', name, '/d']);
  const rules = printed.split(/\r?\n/).flatMap((line) => ruleOf(line) ?? []);
  const own = rules.filter((rule) => isSameFile(rule.get('app') ?? '', program) && isIn(rule));
  if (own.some((rule) => rule.get('action') === 'block')) return false;
  const allowed = own.filter((rule) => rule.get('action') === 'allow');
  // Without a protocol: every one.
  return [TCP, UDP].every((protocol) => allowed.some((rule) => (rule.get('protocol') ?? protocol) === protocol));
}

/** `… REG_SZ v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\…|Name=…|`, with keys and values in lower case. */
function ruleOf(line: string): ReadonlyMap<string, string> | undefined {
  const [, text] = /\sREG_SZ\s+v\d+(?:\.\d+)?\|(.*)$/.exec(line) ?? [];
  return text === undefined
    ? undefined
    : new Map(
        text
          .toLowerCase()
          .split('|')
          .map((part): [string, string] => {
            const at = part.indexOf('=');
            return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
          }),
      );
}

const isIn = (rule: ReadonlyMap<string, string>): boolean => rule.get('active') === 'true' && rule.get('dir') === 'in';

/** `reg` prints other letters than those of ASCII in an old code page: they count as equal. */
function isSameFile(given: string, program: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\u0020-\u007e]+/g, '?')
      .replaceAll('/', '\\');
  return plain(given) === plain(program);
}

const NAME = 'Windows Defender Firewall';
const PROFILES = ['DomainProfile', 'StandardProfile', 'PublicProfile'];

/**
 * It is on where one of its profiles is: only slow tools can say which of them counts here. Without a rule for the
 * program or its port, nothing is let in.
 * @param run prints what a tool says
 */
export async function windowsFirewall(
  { transport, port, program = '', isAnswer = false }: IncomingPacket,
  run: Run,
): Promise<readonly FirewallReading[]> {
  const switches = await Promise.all(
    PROFILES.map((profile) => run(REG, ['query', `${POLICY}\\${profile}`, '/v', 'EnableFirewall']).catch(() => '')),
  );
  if (!switches.some((printed) => /REG_DWORD\s+0x1\b/.test(printed))) return [];
  // Answers to what was sent from here pass.
  if (isAnswer) return [{ name: NAME, verdict: 'lets-in', where: '' }];
  const about = [`LPort=${port}`, ...(program === '' ? [] : [program])];
  const printed = await Promise.all(about.map((text) => run(REG, ['query', RULES, '/f', text, '/d']).catch(() => '')));
  const protocol = transport === 'tcp' ? TCP : UDP;
  const rules = printed
    .flatMap((text) => text.split(/\r?\n/))
    .flatMap((line) => ruleOf(line) ?? [])
    .filter((rule) => isIn(rule) && (rule.get('protocol') ?? protocol) === protocol)
    .filter((rule) => (rule.get('lport') ?? `${port}`) === `${port}` && isForProgram(rule.get('app'), program));
  if (rules.some((rule) => rule.get('action') === 'block')) return [{ name: NAME, verdict: 'blocks', where: '' }];
  if (rules.length > 0) return [{ name: NAME, verdict: 'lets-in', where: '' }];
  return [{ name: NAME, verdict: program === '' ? 'unknown' : 'blocks', where: '' }];
}

const isForProgram = (app: string | undefined, program: string): boolean =>
  app === undefined || path.win32.basename(app) === program.toLowerCase();
