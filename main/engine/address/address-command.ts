/** The program that a person wants to run when the address changes. */
import type { OwnAddresses } from '../../contract/snapshot.ts';
import { programOf } from '../../contract/settings.ts';
import { inMinutes } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { ProgramEnd, System } from '../../system/system.ts';

/** How long it may run; problems and help say so. */
const LIMIT = inMinutes(1);

export type CommandEnd =
  | Exclude<ProgramEnd, { readonly is: 'ended' }>
  | { readonly is: 'ended'; readonly code?: number }
  | { readonly is: 'too-long' };

export interface CommandFacts {
  readonly now: OwnAddresses;
  readonly before: OwnAddresses;
  readonly router: string;
  /** Name of the person's connection; empty without a name. */
  readonly name: string;
}

/** Environment of the program: see the help of `settings`. Unknown values are empty. */
export function environmentOf({ now, before, router, name }: CommandFacts): Readonly<Record<string, string>> {
  return {
    PORTKEEPER_IPV4: now.ipv4 ?? '',
    PORTKEEPER_IPV6: now.ipv6 ?? '',
    PORTKEEPER_OLD_IPV4: before.ipv4 ?? '',
    PORTKEEPER_OLD_IPV6: before.ipv6 ?? '',
    PORTKEEPER_ROUTER: router,
    PORTKEEPER_NAME: name,
  };
}

/** Runs it, and notes in the log what it printed. @throws the signal's reason */
export async function runAddressCommand(
  { clock, log, runProgram }: Pick<System, 'clock' | 'log' | 'runProgram'>,
  line: string,
  facts: CommandFacts,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const program = programOf(line);
  if (program === undefined || runProgram === undefined) return { is: 'not-started', fault: 'ENOSYS' };
  const environment = environmentOf(facts);
  const end = await forAtMost(clock, LIMIT, signal, (over) => runProgram({ ...program, environment }, over));
  const { file } = program;
  if (end === undefined) {
    log.write('warn', 'the command for a new address took too long, and was ended', { file });
    return { is: 'too-long' };
  }
  if (end.is === 'not-started') {
    log.write('warn', 'the command for a new address did not start', { file, fault: end.fault });
    return end;
  }
  const { code, output } = end;
  log.write(code === 0 ? 'info' : 'warn', 'the command for a new address has run', { file, code, output });
  return { is: 'ended', ...(code === undefined ? {} : { code }) };
}
