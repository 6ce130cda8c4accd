/** The tray's icon at a glance, and its words when the pointer rests on it. */
import type { AppSnapshot } from '../../contract/commands.ts';
import { mappingTally } from '../../contract/forward-state.ts';
import type { Language } from '../../contract/words/catalogues.ts';
import type { Problem } from '../../contract/problems.ts';
import { withoutHidden } from '../../contract/words/hidden.ts';
import { explain } from '../../contract/words/problems.ts';
import { trayWords, type TrayWords } from './words.ts';
import type { LinkState } from '../../connect/engine-link.ts';

export interface TrayView {
  /** Absent before there is an engine. */
  readonly snapshot: AppSnapshot | undefined;
  readonly link: LinkState;
  /** The end was asked for, and takes its time. */
  readonly isLeaving: boolean;
}

/** Each has an icon of its own shape: see assets/icon.svg. */
export type TrayIcon = 'open' | 'working' | 'problem' | 'idle';

export interface TrayState {
  readonly icon: TrayIcon;
  readonly tooltip: string;
}

export function trayState({ snapshot, link, isLeaving }: TrayView, language: Language): TrayState {
  const words = trayWords[language];
  if (link.at === 'blocked') {
    return { icon: 'problem', tooltip: words.tooltips.problem(blockedText(link, words)) };
  }
  if (snapshot === undefined) return { icon: 'idle', tooltip: words.tooltips.starting };
  if (isLeaving) return { icon: 'working', tooltip: words.tooltips.working };
  const worst = problemsToShow(snapshot).find(({ severity }) => severity === 'error');
  if (worst !== undefined) {
    return { icon: 'problem', tooltip: withoutHidden(words.tooltips.problem(explain(worst, language).what)) };
  }
  const { open, opening, closing, waiting } = mappingTally(snapshot.engine.mappings);
  if (opening + closing + waiting > 0) return { icon: 'working', tooltip: words.tooltips.working };
  if (open > 0) return { icon: 'open', tooltip: words.tooltips.open(open) };
  return { icon: 'idle', tooltip: snapshot.settings.paused ? words.tooltips.paused : words.tooltips.idle };
}

export const blockedText = ({ fault }: Extract<LinkState, { at: 'blocked' }>, words: TrayWords): string =>
  fault === 'locked' ? words.blocked : words.unreadable;

/** Portkeeper's own first, then what concerns everything, then single ports. What keeps nobody from anything is left
 * out: without a router nothing is wrong for anyone who wants nothing open. */
export function problemsToShow({ problems, engine }: AppSnapshot): readonly Problem[] {
  const general = engine.forwards.length > 0 ? engine.problems : [];
  const single = engine.mappings.flatMap(({ status }) => ('problem' in status ? (status.problem ?? []) : []));
  const seen = new Set<string>();
  return [...problems, ...general, ...single].filter((problem) => {
    // Both transports of a forward are refused for one reason.
    const key = `${problem.code} ${problem.forward ?? ''} ${problem.gateway ?? ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
