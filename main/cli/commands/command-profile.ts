/** `portkeeper profile …`: looks at and changes profiles, in the running Portkeeper or in its data folder. */
import { writeFile } from 'node:fs/promises';
import type { AppSnapshot, CommandInput } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import { forwardsOfProfile } from '../../contract/profiles/forward-names.ts';
import { DAYS, epochMs, isPort, type EpochMs, type Port } from '../../contract/units.ts';
import { exportLossText, importLossText } from '../../contract/words/losses.ts';
import { opensWhileText } from '../../contract/words/opens-while.ts';
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
import type { GivenForwardOptions } from '../options/port-spec.ts';
import { readFault, readText } from '../options/ports-source.ts';
import type { Console } from '../output/console.ts';
import { badValue, EXIT, FileFault, InputFault, type ExitCode } from '../output/fault.ts';
import { outcomeOf } from '../output/outcome.ts';
import {
  conditionLines,
  forwardLine,
  mappingsOf,
  portsText,
  profileRecord,
  stateText,
} from '../output/profile-report.ts';
import { statusLines } from '../output/report.ts';
import { hint } from '../output/typed.ts';
import { askedFor, tellNotes } from './command-presets.ts';
import path from 'node:path';

const timeNow = (): EpochMs => epochMs(Date.now());

const serveHint = (): string =>
  `Portkeeper is not running, so nothing is open yet. Start it with: ${hint('portkeeper serve')}`;

export const list = inApp(async (session) => {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const isRunning = session.running !== undefined;
  console.record({
    running: isRunning,
    profiles: snapshot.profiles.map((profile) => profileRecord(profile, snapshot)),
  });
  if (snapshot.profiles.length === 0)
    console.note(`No profiles yet. Add one with: ${hint('portkeeper profile add NAME PORTS...')}`);
  const rows = snapshot.profiles.map((profile) => [
    profile.id,
    stateText(profile, snapshot, isRunning),
    profile.name,
    profile.forwards.map(portsText).join(' '),
  ]);
  console.table(rows);
  return EXIT.ok;
});

export const show = inApp(async (session, name: string) => {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const profile = profileNamed(name, snapshot);
  console.record(profileRecord(profile, snapshot));
  console.line(`${profile.name} (${profile.id}): ${stateText(profile, snapshot, session.running !== undefined)}`);
  for (const line of conditionLines(profile, snapshot, timeNow())) console.line(line);
  for (const forward of profile.forwards) console.line(forwardLine(forward));
  for (const line of statusLines(mappingsOf(profile, snapshot.engine), snapshot.engine)) console.line(line);
  return EXIT.ok;
});

interface MayConfirm {
  readonly yes?: boolean;
}

interface SwitchOptions extends MayConfirm {
  readonly for?: string;
}

const switching = (on: boolean) =>
  inApp(async (session, name: string, given: SwitchOptions) => {
    const { yes } = given;
    const duration = given.for === undefined ? {} : { for: durationOf(given.for) };
    const { id } = profileNamed(name, await currentSnapshot(session));
    const { client, interrupted } = session;
    valueOf(
      await withQuestions(confirmedBy(yes), (confirmed) =>
        client.ask('profile.switch', { id, on, ...duration, confirmed }, interrupted),
      ),
    );
    return await tellSwitched(session, id);
  });
export const switchOn = switching(true);
export const switchOff = switching(false);

/** `90m`, `3h`, `1h30m`, `2d`. @returns seconds @throws InputFault */
function durationOf(text: string): number {
  const [whole, days, hours, minutes] = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?$/.exec(text) ?? [];
  const seconds = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  if (whole !== undefined && seconds >= 60 && seconds <= 2_592_000) return seconds;
  throw badValue('--for', text, 'Use a time from 1 minute to 30 days, such as 90m, 3h or 2d.');
}

/** While what the profile is open. */
export const when = inApp(async (session, name: string, words: readonly string[]) => {
  const opensWhile = opensWhileOf(words);
  const { client, interrupted, console } = session;
  const { id } = profileNamed(name, await currentSnapshot(session));
  valueOf(await client.ask('profile.change', { id, profile: { opensWhile } }, interrupted));
  console.record({ event: 'changed', id, opensWhile });
  console.line(`Profile ${id} opens ${opensWhileText(opensWhile, 'en')}.`);
  const { on } = profileNamed(id, await currentSnapshot(session));
  if (!on) console.note(`It is switched off. Switch it on with: ${hint(`portkeeper profile on ${id}`)}`);
  return EXIT.ok;
});

/** @throws InputFault */
function opensWhileOf(words: readonly string[]): OpensWhileInput {
  const [condition = '', value, ...others] = words;
  const [, from, to] = /^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(condition) ?? [];
  const isAlone = value === undefined;
  if ((condition === 'always' || condition === 'listening') && isAlone) return { is: condition };
  if (condition === 'running' && isAlone)
    throw new InputFault('Which program? Name its file, such as: portkeeper profile when minecraft running java');
  if (condition === 'running' && value !== undefined && others.length === 0) return { is: 'running', program: value };
  if (from !== undefined && to !== undefined && others.length === 0)
    return { is: 'hours', days: daysOf(value ?? 'mon-sun'), from: from.padStart(5, '0'), to: to.padStart(5, '0') };
  throw new InputFault('Use always, listening, running PROGRAM, or hours such as 18:00-23:30 mon-fri.', {
    at: { word: words.at(-1) ?? '' },
  });
}

/** `mon-fri`, `sat,sun`, `fri-mon`. @throws InputFault */
function daysOf(text: string): (typeof DAYS)[number][] {
  const chosen = text
    .toLowerCase()
    .split(',')
    .flatMap((part) => {
      const [, first, last = first] = /^([a-z]{3})(?:-([a-z]{3}))?$/.exec(part) ?? [];
      const begin = DAYS.findIndex((day) => day === first);
      const end = DAYS.findIndex((day) => day === last);
      if (begin < 0 || end < 0) {
        throw new InputFault('Use days such as mon-fri or sat,sun.', { at: { word: text } });
      }
      const count = ((end - begin + DAYS.length) % DAYS.length) + 1;
      return Array.from({ length: count }, (_, at) => DAYS[(begin + at) % DAYS.length] ?? 'mon');
    });
  return [...new Set(chosen)];
}

type OpensWhileInput = NonNullable<CommandInput<'profile.change'>['profile']['opensWhile']>;

interface AddOptions extends GivenForwardOptions {
  readonly on?: boolean;
}

export async function add(
  options: GlobalOptions,
  console: Console,
  given: string | undefined,
  ports: readonly string[],
  how: AddOptions,
): Promise<ExitCode> {
  const asked = askedFor(ports, how, options);
  const name = given ?? asked.presets.map((preset) => preset.name).join(' + ');
  if (asked.forwards.length === 0) {
    throw new InputFault(
      'Which ports? Name them, such as: portkeeper profile add Minecraft 25565/tcp\nOr name a program: portkeeper profile add --preset minecraft',
    );
  }
  const forwards = asked.forwards.map(({ id: _id, ...forward }) => forward);
  tellNotes(asked.presets, console);
  return await withApp(options, console, async (session) => {
    const { client, interrupted } = session;
    const profile = { name, forwards };
    const { id } = valueOf(
      await withQuestions(asked.confirmed, (confirmed) =>
        client.ask('profile.add', { profile, confirmed }, interrupted),
      ),
    );
    console.line(`Added profile ${id}.`);
    console.record({ event: 'added', id });
    if ((await currentSnapshot(session)).demo) {
      console.note('Portkeeper is using the simulated router, so this profile is kept apart from your own.');
    }
    if (how.on !== true) return EXIT.ok;
    valueOf(await client.ask('profile.switch', { id, on: true }, interrupted));
    return await tellSwitched(session, id);
  });
}

export const remove = inApp(async (session, name: string) => {
  const { client, interrupted, console } = session;
  const { id } = profileNamed(name, await currentSnapshot(session));
  valueOf(await client.ask('profile.remove', { id }, interrupted));
  console.line(`Removed profile ${id}.`);
  console.record({ event: 'removed', id });
  return EXIT.ok;
});

/** Keeps profiles tried with the simulated router for the real one: all of them when none is named. */
export function keepTried(
  options: GlobalOptions,
  console: Console,
  names: readonly string[],
  { none = false }: { readonly none?: boolean },
): Promise<ExitCode> {
  if (none && names.length > 0)
    throw new InputFault('Name profiles to keep, or use --none to discard them all, not both.', {
      at: { word: '--none' },
    });
  return withApp(options, console, async (session) => {
    const { tried } = await currentSnapshot(session);
    if (tried.length === 0) console.note('There is nothing to keep: no profiles were made with the simulated router.');
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

/** Names what was made with the simulated router. */
export function tellTried({ tried }: AppSnapshot, console: Console): void {
  if (tried.length === 0) return;
  console.record({ event: 'tried', profiles: tried.map(({ id }) => id) });
  const list = tried.map(({ name }) => name).join(', ');
  console.note(
    `Made with the simulated router, and not open on a real one: ${list}. To add them to your profiles, switched off: ${hint('portkeeper profile keep')}`,
  );
  console.note(`To discard them: ${hint('portkeeper profile keep --none')}`);
}

/** Reports the outcome of a switch, and the exit code that says so. */
async function tellSwitched(session: AppSession, name: string): Promise<ExitCode> {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const profile = profileNamed(name, snapshot);
  const isRunning = session.running !== undefined;
  console.record({ event: 'switched', running: isRunning, profile: profileRecord(profile, snapshot) });
  console.line(`${profile.name} (${profile.id}): ${stateText(profile, snapshot, isRunning)}`);
  for (const line of conditionLines(profile, snapshot, timeNow())) console.line(line);
  if (!isRunning) {
    if (profile.on) console.note(serveHint());
    return EXIT.ok;
  }
  const done = tellUnsaved(snapshot, console) ? EXIT.storage : EXIT.ok;
  if (!profile.on) return done;
  const { gateways, problems } = snapshot.engine;
  const mappings = mappingsOf(profile, snapshot.engine);
  for (const line of statusLines(mappings, snapshot.engine)) console.line(line);
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
    throw new FileFault(`Couldn’t read ${name}: ${readFault(error)}. Check the file’s name.`, { cause: error });
  });
  if (isLarger) throw new InputFault(`${name} is larger than 4 MiB, which is too large for a port list.`);
  return await withApp(options, console, async ({ client, interrupted }) => {
    const mode = replace ? 'replace' : 'add';
    const content = { text, name, mode } as const;
    const { added, left } = valueOf(
      await withQuestions(confirmedBy(yes), (confirmed) =>
        client.ask('profiles.import-text', { ...content, confirmed }, interrupted),
      ),
    );
    console.record({ event: 'imported', mode, profiles: added, ...(left.length === 0 ? {} : { left }) });
    const count = added.length === 1 ? '1 profile' : `${added.length} profiles`;
    console.line(`Imported ${count}${added.length === 0 ? '' : `: ${added.join(', ')}`}.`);
    for (const loss of left) console.note(importLossText(loss, 'en'));
    if (!replace && added.length > 0)
      console.note(`Imported profiles are switched off. Switch one on with: ${hint('portkeeper profile on PROFILE')}`);
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
      console.note(`Exported ${format === 'portkeeper' ? 'profiles and settings' : 'the ports'} to ${file}.`);
    }
    for (const loss of left) console.note(exportLossText(loss, 'en'));
    return EXIT.ok;
  });
}

/** @throws InputFault */
function formatOf(text: string): (typeof FORMATS)[keyof typeof FORMATS] {
  const known = Object.entries(FORMATS).find(([name]) => name === text.toLowerCase());
  if (known !== undefined) return known[1];
  throw badValue('--format', text, 'Use portkeeper, csv or json.');
}

/** @throws FileFault */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw new FileFault(`Couldn’t write ${file}: ${readFault(error)}. Choose another place.`, { cause: error });
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
  throw new InputFault(`“${text}” is not a port. Ports are numbers from 1 to 65535.`, { at: { word: text } });
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
      : `Which port of ${profile.id}? Use one of: ${known.join(', ')}. See: portkeeper profile show ${profile.id}`,
  );
}
