/** The "Run" key of the person's registry. */
import type { LoginEntry } from './login-entry.ts';
import { HIDDEN } from './login-entry.ts';

const CURRENT = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion';
const RUN = `${CURRENT}\\Run`;
/** What the person switched in Task Manager or in the settings. */
const APPROVED = `${CURRENT}\\Explorer\\StartupApproved\\Run`;

/** Prints what a tool of the system says. @throws when it fails */
export type RunTool = (file: string, args: readonly string[]) => Promise<string>;

interface WindowsEntry extends LoginEntry {
  /** The person has switched it off in Task Manager, and now on again here. @throws Error */
  readonly approve: () => Promise<void>;
}

export function registryEntry(name: string, program: string, run: RunTool): WindowsEntry {
  /** `undefined` when there is none: `reg` fails then. */
  const valueOf = async (key: string, type: string): Promise<string | undefined> => {
    const printed = await run('reg', ['query', key, '/v', name]).catch(() => '');
    const line = printed.split(/\r?\n/).find((one) => one.trim().startsWith(`${name} `));
    const at = line?.indexOf(type) ?? -1;
    return at < 0 ? undefined : line?.slice(at + type.length).trim();
  };
  /** The first byte is odd: switched off there. */
  const isSwitchedOff = async (): Promise<boolean> =>
    /^[\da-f][13579bdf]/i.test((await valueOf(APPROVED, 'REG_BINARY')) ?? '');
  return {
    async approve() {
      if (await isSwitchedOff()) await run('reg', ['delete', APPROVED, '/v', name, '/f']);
    },
    async state() {
      const value = await valueOf(RUN, 'REG_SZ');
      if (value === undefined) return 'absent';
      if (await isSwitchedOff()) return 'absent';
      return isSame(value, `"${program}" ${HIDDEN}`) ? 'here' : 'elsewhere';
    },
  };
}

/** `reg` prints in the console's old code page: other letters than those of ASCII are not told apart. */
function isSame(printed: string, wanted: string): boolean {
  const pattern = wanted
    .split(/[^\u0020-\u007e]+/)
    .map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${pattern}$`).test(printed);
}
