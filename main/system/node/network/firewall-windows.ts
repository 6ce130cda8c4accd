/** What the firewall of Windows lets in, as its rules stand in the registry, where everybody may read them. */
import path from 'node:path';

const RULES = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules';

const TCP = '6';
const UDP = '17';

/**
 * Do rules let both TCP and UDP in to this program? Without them Windows asks the person, in the middle of a screen, as
 * soon as it listens.
 * @param run prints what a tool says @throws what `run` throws; `reg` fails when nothing is found
 */
export async function isLetIn(
  program: string,
  run: (file: string, args: readonly string[]) => Promise<string>,
): Promise<boolean> {
  const name = path.win32.basename(program);
  const printed = await run('reg', ['query', RULES, '/f', name, '/d']);
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

/** `reg` prints other letters than those of ASCII in an old code page: they are not told apart. */
function isSameFile(given: string, program: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\u0020-\u007e]+/g, '?')
      .replaceAll('/', '\\');
  return plain(given) === plain(program);
}
