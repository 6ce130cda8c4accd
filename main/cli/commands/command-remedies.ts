/** `portkeeper retry`, `approve` and `profile use-port`: the ways out that problems name, as typed in a terminal. */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import { forwardsOfProfile } from '../../contract/profile.ts';
import { isPort } from '../../contract/units.ts';
import type { Port } from '../../contract/units.ts';
import { currentSnapshot, profileNamed, tellUnsaved, valueOf, withApp } from '../app-session.ts';
import { tellSwitched } from './command-profile.ts';
import { NOTHING_RUNS } from './command-status.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault, RefusedFault } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';

/** All that was refused or waits is asked for again; what becomes of it is told by `status` and `watch`. */
export function retry(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return withApp(options, console, async ({ client, running, interrupted }) => {
    if (running === undefined) throw new RefusedFault(NOTHING_RUNS);
    valueOf(await client.ask('forwards.retry', {}, interrupted));
    console.record({ event: 'retrying' });
    console.line('What was refused or waits is asked for again. Look with: portkeeper status');
    return EXIT.ok;
  });
}

/** Ports may be opened on this network from now on. */
export function approve(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return withApp(options, console, async (session) => {
    const { client, running, interrupted } = session;
    if (running === undefined) throw new RefusedFault(NOTHING_RUNS);
    valueOf(await client.ask('network.approve', {}, interrupted));
    const snapshot = await currentSnapshot(session);
    const { approvedNetworks: networks } = snapshot.settings;
    console.record({ event: 'approved', networks });
    console.line(`Ports may be opened on this network. Approved: ${networks.map(({ name }) => name).join(', ')}.`);
    return tellUnsaved(snapshot, console) ? EXIT.storage : EXIT.ok;
  });
}

export function useOtherPort(which: string, port: string, options: GlobalOptions, console: Console): Promise<ExitCode> {
  const external = portOf(port);
  return withApp(options, console, async (session) => {
    const { client, interrupted } = session;
    const forward = forwardNamed(which, await currentSnapshot(session));
    const { id } = valueOf(await client.ask('forward.use-port', { forward, external }, interrupted));
    console.record({ event: 'changed', forward, external });
    const { on } = profileNamed(id, await currentSnapshot(session));
    // Asked for what it is already, the switch answers once all of it has settled.
    if (on) valueOf(await client.ask('profile.switch', { id, on }, interrupted));
    return await tellSwitched(session, id, console);
  });
}

/** @throws InputFault */
function portOf(text: string): Port {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  if (isPort(number)) return number;
  throw new InputFault(`"${text}" is not a port number: 1 to 65535.`);
}

/** `PROFILE/2` for the second line that `profile show` shows, or `PROFILE` where there is one only. @throws InputFault */
function forwardNamed(text: string, snapshot: Pick<AppSnapshot, 'profiles'>): ForwardId {
  const [, name = text, number] = /^(.+)\/(\d{1,4})$/s.exec(text) ?? [];
  const profile = profileNamed(name, snapshot);
  const forwards = forwardsOfProfile(profile);
  const meant = number === undefined && forwards.length === 1 ? 1 : Number(number);
  const forward = forwards[meant - 1];
  if (forward !== undefined) return forward.id;
  const known = forwards.map(({ id }) => id).slice(0, 10);
  throw new InputFault(
    known.length === 0
      ? `Profile ${profile.id} has no ports.`
      : `Which of the ports of ${profile.id}? Name them as one of: ${known.join(', ')}. See: portkeeper profile show ${profile.id}`,
  );
}
