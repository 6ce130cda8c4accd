import type { CloseTarget, ClosingResult } from '../../contract/commands.ts';
import type { Port } from '../../contract/units.ts';
import { commandFault } from '../../contract/words/faults.ts';
import { HoldKeeper } from '../../connect/hold-keeper.ts';
import type { ProgramParts } from '../../connect/program.ts';
import { valueOf } from '../app-session.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault, type ExitCode } from '../output/fault.ts';
import { tellNoGateway } from './command-look.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { interruptible } from '../interruptions.ts';
import { specifiedPorts, type SpecifiedPorts } from '../options/port-spec.ts';
import { tellNotClosed } from '../output/report.ts';
import { hint } from '../output/typed.ts';
import { CLOSING, gatewayFor, meetingOf, programOf, snapshotOf, withProgress } from '../session.ts';

interface CloseOptions {
  /** Everything that Portkeeper opened. */
  readonly all?: boolean;
  /** Also close ports that others opened. */
  readonly anyway?: boolean;
}

export async function close(
  options: GlobalOptions,
  console: Console,
  ports: readonly string[],
  { all = false, anyway = false }: CloseOptions,
): Promise<ExitCode> {
  if (ports.length === 0 && !all) {
    throw new InputFault(
      'Which ports? Name them, such as: portkeeper close 25565/tcp\nOr close everything Portkeeper opened: portkeeper close --all',
    );
  }
  if (all && anyway)
    throw new InputFault('--anyway only works with named ports; --all closes what Portkeeper opened.', {
      at: { word: '--anyway' },
    });
  const targets = ports.flatMap(specifiedPorts).flatMap(targetsOf);
  return await interruptible((interrupted) => {
    const program = programOf({ options, console, purpose: 'hold' });
    return closeTargets(program, all ? 'all' : targets, anyway, { options, console, interrupted });
  });
}

function targetsOf({ transports, external, internal }: SpecifiedPorts): readonly CloseTarget[] {
  const client = internal.client === undefined ? {} : { client: internal.client };
  const targets: CloseTarget[] = [];
  for (let number: number = external.first; number <= external.last; number++) {
    for (const transport of transports) {
      // Within the range by construction.
      targets.push({ transport, external: number as Port, ...client });
    }
  }
  return targets;
}

/**
 * Closes what is provably ours; with `others` what others opened, too. Failed when something that was named stays open;
 * what was not open in the first place is only reported.
 * @param begun called when there is an engine to ask
 */
export async function closeTargets(
  program: ProgramParts,
  targets: readonly CloseTarget[] | 'all',
  others: boolean,
  {
    options,
    console,
    interrupted,
  }: { readonly options: GlobalOptions; readonly console: Console; readonly interrupted: AbortSignal },
  begun?: () => void,
): Promise<ExitCode> {
  if (targets.length === 0) return tellClosed(NOTHING, console);
  const meet = meetingOf(program, { options, console, purpose: 'hold', waits: begun !== undefined });
  // Nothing is held; whoever has the engine may end meanwhile.
  const keeper = new HoldKeeper({ meet, input: () => ({ what: 'switches' }) });
  try {
    const session = await keeper.begin(interrupted);
    begun?.();
    const gateway = gatewayFor(session, options);
    const input = { targets, others, ...(gateway === undefined ? {} : { gateway }) };
    const { clock } = program.system;
    const result = valueOf(
      await withProgress({ clock, console }, 'Closing', () =>
        keeper.ask((client) => client.ask('forwards.close', input, interrupted), interrupted),
      ),
    );
    const { client } = keeper.session ?? session;
    if (!result.found) tellNoGateway(gateway, (await snapshotOf(client, interrupted)).engine, console);
    return tellClosed(result, console);
  } finally {
    await keeper.leave(CLOSING);
  }
}

const NOTHING: ClosingResult = {
  found: true,
  closed: 0,
  left: [],
  others: [],
  heldBy: [],
  absent: [],
  listed: true,
};

function tellClosed(result: ClosingResult, console: Console): ExitCode {
  for (const port of result.left) {
    tellNotClosed({ transport: port.transport, external: { port: port.external } }, port.expiresAt, console);
  }
  for (const reason of result.heldBy) console.note(commandFault('conflict', '', reason).message);
  if (!result.found) return EXIT.noGateway;
  if (result.fault !== undefined) {
    console.note(`Couldn’t read the router’s list. ${commandFault('gateway-failed', '', result.fault).message}`);
  }
  for (const { transport, external, client, description, reason } of result.others) {
    const name = `${external}/${transport}`;
    console.note(
      reason === undefined
        ? `${name} was opened by another program or device (${client ?? 'unknown'}, “${description}”), so it stays open. To close it anyway: ${hint(`portkeeper close ${name} --anyway`)}`
        : commandFault('gateway-failed', '', reason).message,
    );
  }
  for (const { transport, external } of result.absent) {
    const name = `${external}/${transport}`;
    console.note(
      result.listed
        ? `${name} is not open.`
        : `Portkeeper didn’t open ${name}. This router can’t list open ports; if something else opened it, it stays open.`,
    );
  }
  const { closed, left } = result;
  const foreign = result.others.length;
  const held = result.heldBy.length === 0 ? {} : { held: result.heldBy.length };
  console.record({ event: 'done', closed, left: left.length, foreign, ...held });
  console.line(closed === 0 ? 'No ports closed.' : closed === 1 ? '1 port closed.' : `${closed} ports closed.`);
  return left.length + foreign + result.heldBy.length > 0 ? EXIT.failed : EXIT.ok;
}
