/** Links of the window's page that the person's own browser may open. */
import type { AppSnapshot } from '../../contract/commands.ts';
import { actionContextOf, actionsFor, routerPageOf } from '../../contract/problem-actions.ts';
import { withFronts } from '../../contract/snapshot.ts';
import { allPresets } from '../../engine/profiles/presets.ts';

/** The link to open, or `undefined`: only those that Portkeeper itself has named, exactly as written there. */
export function openableLink(text: string, known: ReadonlySet<string>): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { href } = new URL(text);
  return known.has(href) ? href : undefined;
}

/** The project's pages, sources of presets, and the first page of each router that was found or reported.
 * @param own the project's pages */
export function knownPlaces(snapshot: AppSnapshot | undefined, own: readonly string[]): ReadonlySet<string> {
  const update = snapshot?.host.update;
  const pages = [
    ...own,
    ...allPresets().map(({ source }) => source.url),
    ...(update?.at === 'available' ? [update.url] : []),
  ].filter((page) => page.startsWith('https://'));
  const all = [...pages, ...(snapshot === undefined ? [] : routerPages(snapshot))];
  return new Set(all.filter((page) => URL.canParse(page)).map((page) => new URL(page).href));
}

function routerPages(snapshot: AppSnapshot): readonly string[] {
  const { engine, problems } = snapshot;
  const ofMappings = engine.mappings.flatMap(({ status }) =>
    'problem' in status && status.problem !== undefined ? [status.problem] : [],
  );
  const actions = [...problems, ...engine.problems, ...ofMappings].flatMap((problem) =>
    actionsFor(problem, actionContextOf(snapshot)),
  );
  const told = actions.flatMap((action) => (action.do === 'open-router-pages' ? [action.url] : []));
  return [...told, ...withFronts(engine.gateways).map(({ address }) => routerPageOf(address))];
}
