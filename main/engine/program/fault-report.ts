/** All that helps with a report of a fault, as a text that people can read before they send it. */
import type { ActivityEntry } from '../../contract/activity.ts';
import type { AppDescription, AppSnapshot, CommandResults } from '../../contract/commands.ts';
import type { RouterMemoryView } from '../../contract/gateway-table.ts';
import { withFronts } from '../../contract/snapshot.ts';
import type { Settings } from '../../contract/settings.ts';
import { inOneLine, explain } from '../../contract/words/problems.ts';
import type { EpochMs } from '../../contract/units.ts';
import { NetworkError, type Routes } from '../../system/system.ts';
import type { App } from '../app.ts';
import type { Host } from './host.ts';
import { Mask } from './mask.ts';

export interface ReportFacts {
  readonly at: EpochMs;
  readonly description: AppDescription;
  readonly snapshot: AppSnapshot;
  readonly memory: readonly RouterMemoryView[];
  readonly activity: readonly ActivityEntry[];
  readonly log: readonly string[];
}

/** Entries of what has happened, the latest. */
const MOST_ACTIVITY = 300;

/** @throws the signal's reason */
export async function faultReport(app: App, host: Host, signal: AbortSignal): Promise<CommandResults['app.report']> {
  const { system, engine, snapshot } = app;
  await engine.memory.load();
  const { entries } = await app.activity.after(0);
  const at = system.clock.now();
  const facts: ReportFacts = {
    at,
    description: await describe(host, system.routes, signal),
    snapshot,
    memory: engine.memory.all(),
    activity: entries.slice(-MOST_ACTIVITY),
    log: host.recentLog(),
  };
  const text = maskOf(host, snapshot).text(reportText(facts));
  return { text, fileName: `portkeeper-report-${momentText(at).slice(0, 10)}.txt` };
}

/** Hides addresses, and the names of people and devices here. */
export function maskOf(host: Pick<Host, 'personal'> | undefined, { engine }: Pick<AppSnapshot, 'engine'>): Mask {
  const gateways = withFronts(engine.gateways);
  const named = gateways.filter(({ name, model, address }) => !model.includes(name) && name !== address);
  return new Mask(
    host?.personal ?? { computer: '', user: '', homeFolder: '' },
    named.map(({ name }) => name),
  );
}

/** As it is; nothing is masked yet. */
export function reportText({ at, description, snapshot, memory, activity, log }: ReportFacts): string {
  const { settings, profiles, held, engine, problems, host, demo } = snapshot;
  const { gateways, mappings, search, network } = engine;
  const { version, platform, dataFolder, interfaces } = description;
  return [
    `Portkeeper ${version} (${host.kind}) on ${platform}, ${momentText(at)} UTC`,
    'Addresses and the names of this computer, of routers and of who uses it are replaced by placeholders: the same one',
    'stands for the same everywhere. Labels and ports are as they are: read it before you send it.',
    ...section('Program', [json({ dataFolder, demo, update: host.update, held })]),
    ...section('Interfaces', interfaces.map(json)),
    ...section('Settings', [JSON.stringify(withoutPrivate(settings), momentsAsText, 2)]),
    ...section('Profiles', profiles.map(json)),
    ...section('Network', [json({ network, search })]),
    ...section('Routers', gateways.map(json)),
    ...section('Ports', mappings.map(json)),
    ...section(
      'Problems',
      [...problems, ...engine.problems].map((problem) => `${json(problem)}\n  ${inOneLine(explain(problem))}`),
    ),
    ...section('Remembered about routers', memory.map(json)),
    ...section('What has happened', activity.map(json)),
    ...section('Log', log),
    '',
  ].join('\n');
}

/** Typed texts that say who people are, or what they run. */
function withoutPrivate(settings: Settings): object {
  const { addressCommand, dnsName, dnsUser, dnsServer } = settings;
  const isSet = (value: string | null): string | null => (value === null ? null : '(set)');
  const hidden = { addressCommand, dnsName, dnsUser, dnsServer };
  return { ...settings, ...Object.fromEntries(Object.entries(hidden).map(([key, value]) => [key, isSet(value)])) };
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `== ${title} ==`, ...(lines.length === 0 ? ['(nothing)'] : lines)];
}

const json = (value: unknown): string => JSON.stringify(value, momentsAsText);

/** Milliseconds since 1970 of the years 2017 to 2096: no other number here is as large. */
function momentsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && value > 1.5e12 && value < 4e12 ? momentText(value) : value;
}

/** `2026-11-24 23:59:38`, as in Sweden. */
export function momentText(moment: number): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' }).format(moment);
}

/** Interfaces that lead out of this machine; none while the system's tables cannot be read. @throws the signal's reason */
export async function describe(
  { version, platform, dataFolder }: Host,
  routes: Routes,
  signal: AbortSignal,
): Promise<AppDescription> {
  return { version, platform, dataFolder, interfaces: await interfacesOf(routes, signal) };
}

async function interfacesOf(routes: Routes, signal: AbortSignal): Promise<AppDescription['interfaces']> {
  try {
    const { interfaces } = await routes.read(signal);
    return interfaces
      .filter(({ loopback }) => !loopback)
      .map(({ name, addresses, virtual }) => ({ name, addresses: addresses.map(({ address }) => address), virtual }));
  } catch (error) {
    if (error instanceof NetworkError) return [];
    throw error;
  }
}
