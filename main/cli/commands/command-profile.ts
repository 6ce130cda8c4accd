/** `portkeeper profile …`: looks at and changes profiles, in the running Portkeeper or in its data folder. */
import { writeFile } from 'node:fs/promises';
import type { AppSnapshot } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import { forwardsOfProfile } from '../../contract/profile.ts';
import { isPort, type Port } from '../../contract/units.ts';
import { exportLossText, importLossText } from '../../contract/words/losses.ts';
import {
  currentSnapshot,
  inApp,
  profileNamed,
  tellUnsaved,
  valueOf,
  withApp,
  type AppSession,
} from '../app-session.ts';
import { confirmedBy, withQuestions } from '../options/confirm.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { forwardDefaults, forwardsOf, type GivenForwardOptions } from '../options/port-spec.ts';
import { readText } from '../options/ports-source.ts';
import { table, type Console } from '../output/console.ts';
import { EXIT, FileFault, InputFault, type ExitCode } from '../output/fault.ts';
import { outcomeOf } from '../output/outcome.ts';
import { forwardLine, mappingsOf, portsText, profileRecord, stateText } from '../output/profile-report.ts';
import { mappingLines } from '../output/report.ts';
import path from 'node:path';

const SERVE = 'Nothing runs that would hold it open now: portkeeper serve does.';

export const list = inApp(async (session) => {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const isRunning = session.running !== undefined;
  console.record({
    running: isRunning,
    profiles: snapshot.profiles.map((profile) => profileRecord(profile, snapshot)),
  });
  if (snapshot.profiles.length === 0) console.note('There is no profile yet: portkeeper profile add NAME PORTS...');
  const rows = snapshot.profiles.map((profile) => [
    profile.id,
    stateText(profile, snapshot, isRunning),
    profile.name,
    profile.forwards.map(portsText).join(' '),
  ]);
  for (const line of table(rows, console.columns)) console.line(line);
  return EXIT.ok;
});

export const show = inApp(async (session, name: string) => {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const profile = profileNamed(name, snapshot);
  console.record(profileRecord(profile, snapshot));
  console.line(`${profile.name} (${profile.id}): ${stateText(profile, snapshot, session.running !== undefined)}`);
  for (const forward of profile.forwards) console.line(forwardLine(forward));
  for (const mapping of mappingsOf(profile, snapshot.engine)) {
    for (const line of mappingLines(mapping, snapshot.engine)) console.line(line);
  }
  return EXIT.ok;
});

interface MayConfirm {
  readonly yes?: boolean;
}

const switching = (on: boolean) =>
  inApp(async (session, name: string, { yes }: MayConfirm) => {
    const { id } = profileNamed(name, await currentSnapshot(session));
    const { client, interrupted } = session;
    valueOf(
      await withQuestions(confirmedBy(yes), (confirmed) =>
        client.ask('profile.switch', { id, on, confirmed }, interrupted),
      ),
    );
    return await tellSwitched(session, id);
  });
export const switchOn = switching(true);
export const switchOff = switching(false);

interface AddOptions extends GivenForwardOptions {
  readonly on?: boolean;
}

export async function add(
  options: GlobalOptions,
  console: Console,
  name: string,
  ports: readonly string[],
  given: AddOptions,
): Promise<ExitCode> {
  const forwards = forwardsOf(ports, forwardDefaults(given, options)).map(({ id: _id, ...forward }) => forward);
  return await withApp(options, console, async (session) => {
    const { client, interrupted } = session;
    const profile = { name, forwards };
    const { id } = valueOf(
      await withQuestions(confirmedBy(given.yes), (confirmed) =>
        client.ask('profile.add', { profile, confirmed }, interrupted),
      ),
    );
    console.line(`Profile ${id} was added.`);
    console.record({ event: 'added', id });
    if ((await currentSnapshot(session)).demo) {
      console.note('Portkeeper runs with the simulated router: this profile is for trying, apart from your own.');
    }
    if (given.on !== true) return EXIT.ok;
    valueOf(await client.ask('profile.switch', { id, on: true }, interrupted));
    return await tellSwitched(session, id);
  });
}

export const remove = inApp(async (session, name: string) => {
  const { client, interrupted, console } = session;
  const { id } = profileNamed(name, await currentSnapshot(session));
  valueOf(await client.ask('profile.remove', { id }, interrupted));
  console.line(`Profile ${id} was removed.`);
  console.record({ event: 'removed', id });
  return EXIT.ok;
});

/** What was tried with the simulated router, for the real one: all of it when none is named. */
export function keepTried(
  options: GlobalOptions,
  console: Console,
  names: readonly string[],
  { none = false }: { readonly none?: boolean },
): Promise<ExitCode> {
  if (none && names.length > 0) throw new InputFault('Name profiles to keep, or give --none to discard all: not both.');
  return withApp(options, console, async (session) => {
    const { tried } = await currentSnapshot(session);
    if (tried.length === 0) console.note('There is nothing to keep: nothing was tried with the simulated router.');
    const named = tried.length === 0 ? [] : names.map((name) => profileNamed(name, { profiles: tried }));
    const chosen = names.length === 0 ? tried : tried.filter((profile) => named.includes(profile));
    const ids = chosen.map(({ id }) => id);
    const choice = none ? { keep: [], discard: ids } : { keep: ids, discard: [] };
    const { added } = valueOf(await session.client.ask('demo.keep', choice, session.interrupted));
    console.record({ event: none ? 'discarded' : 'kept', profiles: none ? ids : added });
    if (chosen.length === 0) return EXIT.ok;
    const list = chosen.map(({ name }, at) => (none ? name : `${name} (${added[at] ?? ''})`)).join(', ');
    console.line(none ? `Discarded: ${list}.` : `Kept, switched off: ${list}.`);
    return EXIT.ok;
  });
}

/** What became of what was tried with the simulated router. */
export function tellTried({ tried }: AppSnapshot, console: Console): void {
  if (tried.length === 0) return;
  console.record({ event: 'tried', profiles: tried.map(({ id }) => id) });
  const list = tried.map(({ name }) => name).join(', ');
  console.note(
    `Tried with the simulated router and not opened on a real one: ${list}. To add to your profiles, switched off: portkeeper profile keep. To discard: portkeeper profile keep --none.`,
  );
}

/** What became of a switch, and the exit code that says so. */
async function tellSwitched(session: AppSession, name: string): Promise<ExitCode> {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const profile = profileNamed(name, snapshot);
  const isRunning = session.running !== undefined;
  console.record({ event: 'switched', running: isRunning, profile: profileRecord(profile, snapshot) });
  console.line(`${profile.name} (${profile.id}): ${stateText(profile, snapshot, isRunning)}`);
  if (!isRunning) {
    if (profile.on) console.note(SERVE);
    return EXIT.ok;
  }
  const done = tellUnsaved(snapshot, console) ? EXIT.storage : EXIT.ok;
  if (!profile.on) return done;
  const { gateways, problems } = snapshot.engine;
  const mappings = mappingsOf(profile, snapshot.engine);
  for (const mapping of mappings) for (const line of mappingLines(mapping, snapshot.engine)) console.line(line);
  const outcome = outcomeOf({ mappings, gateways, problems });
  return outcome === EXIT.ok ? done : outcome;
}

/** Bytes of a file to import: as many as a command takes. */
const MOST_BYTES = 4 * 1024 * 1024;

const FORMATS = { portkeeper: 'portkeeper', csv: 'upnp-daemon-csv', json: 'upnp-daemon-json' } as const;

interface ImportOptions extends MayConfirm {
  readonly replace?: boolean;
}

export async function importFile(
  options: GlobalOptions,
  console: Console,
  file: string,
  { replace = false, yes }: ImportOptions,
): Promise<ExitCode> {
  const name = file === '-' ? 'standard input' : path.basename(file);
  const { text, isLarger } = await readText(file === '-' ? undefined : file, MOST_BYTES).catch((error: unknown) => {
    throw new FileFault(`${name} cannot be read: ${String(error)}. Check the name of the file.`, { cause: error });
  });
  if (isLarger) throw new InputFault(`${name} is too large: ${MOST_BYTES} bytes at most.`);
  return await withApp(options, console, async ({ client, interrupted }) => {
    const mode = replace ? 'replace' : 'add';
    const content = { text, name, mode } as const;
    const { added, left } = valueOf(
      await withQuestions(confirmedBy(yes), (confirmed) =>
        client.ask('profiles.import-text', { ...content, confirmed }, interrupted),
      ),
    );
    console.record({ event: 'imported', mode, profiles: added, ...(left.length === 0 ? {} : { left }) });
    const count = added.length === 1 ? 'One profile was' : `${added.length} profiles were`;
    console.line(`${count} imported${added.length === 0 ? '' : `: ${added.join(', ')}`}.`);
    for (const loss of left) console.note(importLossText(loss, 'en'));
    if (!replace && added.length > 0) console.note('They are switched off: portkeeper profile on PROFILE');
    return EXIT.ok;
  });
}

export function exportFile(
  options: GlobalOptions,
  console: Console,
  file: string | undefined,
  given: { readonly format: string },
): Promise<ExitCode> {
  const format = formatOf(given.format);
  return withApp(options, console, async ({ client, interrupted }) => {
    const { text, left } = valueOf(await client.ask('profiles.export-text', { format }, interrupted));
    if (file === undefined || file === '-') {
      console.record(format === 'portkeeper' ? JSON.parse(text) : { text, left });
      for (const line of text.trimEnd().split('\n')) console.line(line);
    } else {
      await write(file, text);
      console.record({ event: 'exported', file, ...(left.length === 0 ? {} : { left }) });
      console.note(`${format === 'portkeeper' ? 'Profiles and settings were' : 'The ports were'} written to ${file}.`);
    }
    for (const loss of left) console.note(exportLossText(loss, 'en'));
    return EXIT.ok;
  });
}

/** @throws InputFault */
function formatOf(text: string): (typeof FORMATS)[keyof typeof FORMATS] {
  const known = Object.entries(FORMATS).find(([name]) => name === text.toLowerCase());
  if (known !== undefined) return known[1];
  throw new InputFault(`--format ${text}: it must be portkeeper, csv or json.`);
}

/** @throws FileFault */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw new FileFault(`${file} cannot be written: ${String(error)}. Choose another place.`, { cause: error });
  }
}

/** The way out that problems name when a port is taken. */
export function usePort(
  options: GlobalOptions,
  console: Console,
  which: string,
  port: string,
  { yes }: MayConfirm,
): Promise<ExitCode> {
  const external = portOf(port);
  return withApp(options, console, async (session) => {
    const { client, interrupted } = session;
    const forward = forwardNamed(which, await currentSnapshot(session));
    const { id } = valueOf(
      await withQuestions(confirmedBy(yes), (confirmed) =>
        client.ask('forward.use-port', { forward, external, confirmed }, interrupted),
      ),
    );
    console.record({ event: 'changed', forward, external });
    const { on } = profileNamed(id, await currentSnapshot(session));
    // Asked for what it is already, the switch answers once all of it has settled.
    if (on) valueOf(await client.ask('profile.switch', { id, on }, interrupted));
    return await tellSwitched(session, id);
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
