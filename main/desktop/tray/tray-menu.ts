/** Description of the tray's menu, from which Electron makes a menu. */
import type { AppSnapshot, CommandInput, CommandName } from '../../contract/commands.ts';
import { forwardState } from '../../contract/forward-state.ts';
import type { Language } from '../../contract/words/catalogues.ts';
import type { Forward } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import { actionContextOf, actionsFor, type ProblemAction } from '../../contract/problem-actions.ts';
import type { Problem } from '../../contract/problems.ts';
import { placeOfForward } from '../../contract/profiles/forward-names.ts';
import type { Profile } from '../../contract/profiles/profile.ts';
import { allShared, firstShared } from '../../contract/profiles/sharing.ts';
import { withoutHidden } from '../../contract/words/hidden.ts';
import { explain } from '../../contract/words/problems.ts';
import { actionLabel } from '../../contract/words/actions.ts';
import { conditionText } from '../../contract/words/opens-while.ts';
import type { EpochMs } from '../../contract/units.ts';
import { trayWords, type TrayWords } from './words.ts';
import { blockedText, problemsToShow, type TrayView } from './tray-state.ts';

export type CommandCall = {
  [Name in CommandName]: { readonly do: 'command'; readonly command: Name; readonly input: CommandInput<Name> };
}[CommandName];

export type TrayAction =
  | CommandCall
  | { readonly do: 'copy'; readonly text: string }
  /** The window; where it can show what the action is about, there. */
  | { readonly do: 'open'; readonly for?: ProblemAction }
  | { readonly do: 'browse'; readonly url: string }
  | { readonly do: 'quit' | 'quit-now' };

export type MenuLine =
  | { readonly kind: 'line' }
  /** Without an action it is there to be read. */
  | { readonly kind: 'item'; readonly label: string; readonly action?: TrayAction }
  | { readonly kind: 'check'; readonly label: string; readonly checked: boolean; readonly action: TrayAction }
  | { readonly kind: 'submenu'; readonly label: string; readonly lines: readonly MenuLine[] };

export interface TrayAbilities {
  /** Can Portkeeper be started when the person logs in? */
  readonly loginItem: boolean;
  /** The moment at which it is shown. */
  readonly now: EpochMs;
}

/** More than this make a menu that does not fit a small screen. */
const MOST_PROFILES = 8;
const MOST_FORWARDS = 12;
const MOST_PROBLEMS = 3;
const MOST_SHARES = 4;
const LONGEST_LABEL = 70;

const LINE: MenuLine = { kind: 'line' };

export function trayMenu(view: TrayView, language: Language, can: TrayAbilities): readonly MenuLine[] {
  const words = trayWords[language];
  const { snapshot, link, isLeaving } = view;
  if (isLeaving) return leavingMenu(snapshot, words);
  const open = item(words.open, { do: 'open' });
  const quit = item(words.quit, { do: 'quit' });
  if (snapshot === undefined) {
    return [item(link.at === 'blocked' ? blockedText(link, words) : words.starting), LINE, quit];
  }
  return inGroups([
    [
      ...(snapshot.demo ? [item(words.demo)] : []),
      ...(link.at === 'blocked' ? [item(blockedText(link, words))] : []),
      ...(isGuest(view) ? [item(words.guest)] : []),
      ...shares(snapshot, words),
      ...addresses(snapshot, words),
    ],
    problems(snapshot, language, words),
    profiles(snapshot, language, can.now),
    holds(snapshot, words),
    forwards(snapshot, words),
    [
      check(words.pause, snapshot.settings.paused, {
        do: 'command',
        command: 'settings.change',
        input: { settings: { paused: !snapshot.settings.paused } },
      }),
    ],
    [open, ...(can.loginItem ? [startAtLogin(snapshot, words)] : []), ...update(snapshot, words)],
    [quit],
  ]);
}

const isGuest = ({ link }: TrayView): boolean => link.at === 'connected' && link.role === 'guest';

function leavingMenu(snapshot: AppSnapshot | undefined, words: TrayWords): readonly MenuLine[] {
  const closing = snapshot?.engine.mappings.filter(({ status }) => status.at === 'closing').length ?? 0;
  return [item(words.closing(closing)), LINE, item(words.quitNow, { do: 'quit-now' })];
}

/** Addresses for others to reach open ports: a click copies one. */
function shares(snapshot: AppSnapshot, words: TrayWords): readonly MenuLine[] {
  const { engine, address } = snapshot;
  const shared = allShared(engine, address.name);
  const lines = engine.forwards.flatMap((forward) => {
    const text = firstShared(shared.get(forward.id) ?? {});
    return text === undefined ? [] : [item(words.share(text, nameOf(forward, snapshot)), { do: 'copy', text })];
  });
  return lines.slice(0, MOST_SHARES);
}

function addresses({ engine }: AppSnapshot, words: TrayWords): readonly MenuLine[] {
  const shown = engine.gateways.filter((gateway) => gateway.isDefault || isInUse(gateway, engine));
  const gateways = shown.length > 0 ? shown : engine.gateways;
  const known = [...new Set(gateways.toSorted(defaultFirst).map(({ externalAddress }) => externalAddress))];
  const lines = known
    .filter((address) => address !== 'none' && address !== 'unknown')
    .map((address) => item(words.address(address), { do: 'copy', text: address }));
  if (lines.length > 0) return lines;
  return [item(engine.gateways.length === 0 && engine.search.running ? words.searching : words.noAddress)];
}

const isInUse = ({ id }: GatewayView, { mappings }: AppSnapshot['engine']): boolean =>
  mappings.some(({ status }) => 'lease' in status && status.lease.gateway === id);

const defaultFirst = (a: GatewayView, b: GatewayView): number => Number(b.isDefault) - Number(a.isDefault);

/** Each with what helps most. */
function problems(snapshot: AppSnapshot, language: Language, words: TrayWords): readonly MenuLine[] {
  const all = problemsToShow(snapshot);
  const context = actionContextOf(snapshot);
  const lines = all.slice(0, MOST_PROBLEMS).flatMap((problem) => {
    const [first] = actionsFor(problem, context);
    return [problemLine(problem, language), ...(first === undefined ? [] : [actionLine(first, language)])];
  });
  return [...lines, ...more(all.length - MOST_PROBLEMS, words)];
}

function problemLine(problem: Problem, language: Language): MenuLine {
  return item(`⚠ ${explain(problem, language).what}`, { do: 'open' });
}

function actionLine(action: ProblemAction, language: Language): MenuLine {
  return item(`    ${actionLabel(action, language)}`, trayActionOf(action));
}

export function trayActionOf(action: ProblemAction): TrayAction {
  switch (action.do) {
    case 'command':
      return action;
    case 'open-router-pages':
      return { do: 'browse', url: action.url };
    case 'show-router':
    // Asked about there.
    case 'close-theirs':
    case 'edit-forward':
    case 'check':
    case 'show-settings':
      return { do: 'open', for: action };
  }
}

function profiles(snapshot: AppSnapshot, language: Language, now: EpochMs): readonly MenuLine[] {
  const { profiles: all } = snapshot;
  const words = trayWords[language];
  if (all.length === 0) return [item(words.noProfiles, { do: 'open' })];
  const lines = all.map((profile) => profileLine(profile, snapshot, language, now));
  if (lines.length <= MOST_PROFILES) return lines;
  const on = all.filter((profile) => profile.on).length;
  return [{ kind: 'submenu', label: words.profiles(on, all.length), lines }];
}

function profileLine(profile: Profile, snapshot: AppSnapshot, language: Language, now: EpochMs): MenuLine {
  const { id, name, on } = profile;
  const { held, conditions } = snapshot;
  const condition = conditions.find((each) => each.profile === id);
  const why = on ? conditionText(profile, condition, now, language) : undefined;
  const called = held.includes(id) ? trayWords[language].held(name) : name;
  const label = why === undefined ? called : `${called}: ${why}`;
  return check(label, on, { do: 'command', command: 'profile.switch', input: { id, on: !on } });
}

/** Ports that programs keep open beside the profiles; unchecking one ends it. */
function holds({ holds: all }: AppSnapshot, words: TrayWords): readonly MenuLine[] {
  const lines = all.slice(0, MOST_PROFILES).map(({ name, from, label }) =>
    check(label === '' ? words.sources[from] : label, true, {
      do: 'command',
      command: 'forwards.release',
      input: { hold: name },
    }),
  );
  return [...(lines.length === 0 ? [] : [item(words.terminal)]), ...lines, ...more(all.length - MOST_PROFILES, words)];
}

function forwards(snapshot: AppSnapshot, words: TrayWords): readonly MenuLine[] {
  const { engine } = snapshot;
  if (engine.forwards.length === 0) return [item(words.nothing)];
  const lines = engine.forwards.slice(0, MOST_FORWARDS).map((forward) => {
    const { is } = forwardState(engine.mappings.filter((mapping) => mapping.forward === forward.id));
    const state = words.states[is];
    return item(words.forward(portsOf(forward), nameOf(forward, snapshot), state), { do: 'open' });
  });
  return [...lines, ...more(engine.forwards.length - MOST_FORWARDS, words)];
}

function portsOf({ external: { first, last }, transports }: Forward): string {
  const range = first === last ? `${first}` : `${first}-${last}`;
  return `${range}/${transports.map((transport) => transport.toUpperCase()).join('+')}`;
}

function nameOf({ id, label }: Forward, { profiles: all, holds: held }: AppSnapshot): string {
  const place = placeOfForward(id);
  const profile = all.find((each) => each.id === place?.profile);
  if (profile !== undefined) return profile.name;
  return label === '' ? (held.find(({ forwards: ids }) => ids.includes(id))?.label ?? '') : label;
}

function startAtLogin({ settings }: AppSnapshot, words: TrayWords): MenuLine {
  const wanted = !settings.startAtLogin;
  return check(words.startAtLogin, settings.startAtLogin, {
    do: 'command',
    command: 'settings.change',
    input: { settings: { startAtLogin: wanted } },
  });
}

function update({ host }: AppSnapshot, words: TrayWords): readonly MenuLine[] {
  if (host.update.at === 'ready') {
    return [item(words.install(host.update.version), { do: 'command', command: 'app.install-update', input: {} })];
  }
  if (host.update.at !== 'available') return [];
  return [item(words.available(host.update.version), { do: 'browse', url: host.update.url })];
}

const more = (count: number, words: TrayWords): readonly MenuLine[] =>
  count > 0 ? [item(words.more(count), { do: 'open' })] : [];

function item(label: string, action?: TrayAction): MenuLine {
  return { kind: 'item', label: cut(label), ...(action === undefined ? {} : { action }) };
}

function check(label: string, checked: boolean, action: TrayAction): MenuLine {
  return { kind: 'check', label: cut(label), checked, action };
}

/** Names and sentences come from people and routers. */
function cut(given: string): string {
  const label = withoutHidden(given);
  if (label.length <= LONGEST_LABEL) return label;
  const characters = Array.from(new Intl.Segmenter().segment(label), ({ segment }) => segment);
  return characters.length <= LONGEST_LABEL ? label : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}

function inGroups(groups: readonly (readonly MenuLine[])[]): readonly MenuLine[] {
  return groups.filter((group) => group.length > 0).flatMap((group, at) => (at === 0 ? group : [LINE, ...group]));
}
