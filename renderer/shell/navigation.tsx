import type { VNode } from 'preact';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { windowWords } from '../../main/contract/words/window.ts';
import { Status } from '../parts/chip.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../state/language.tsx';
import type { ViewName } from '../state/route.ts';
import { VIEWS, hrefOf } from '../state/route.ts';
import { useSnapshot } from '../state/snapshot.ts';
import { BrandMark } from './brand.tsx';

export function Navigation({ current }: { readonly current: ViewName }): VNode {
  const words = useWords(windowWords);
  const snapshot = useSnapshot();
  const troubles = problemCount(snapshot);
  return (
    <nav class="nav" aria-label={words.navigation}>
      <div class="brand" aria-hidden="true">
        <BrandMark />
        <span>Portkeeper</span>
      </div>
      <ul class="nav-list">
        {VIEWS.map((view, at) => (
          <li key={view}>
            <a
              class="nav-link"
              href={hrefOf(view)}
              aria-current={view === current ? 'page' : undefined}
              aria-keyshortcuts={`Control+${at + 1}`}
              draggable={false}
            >
              <Icon name={view} />
              <span>{words.views[view]}</span>
              {view === 'forwards' && troubles > 0 && (
                <span class="nav-badge" role="img" aria-label={words.summary.problems(troubles)}>
                  <Icon name="warning" size={16} />
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <div class="nav-foot">
        <Summary snapshot={snapshot} />
      </div>
    </nav>
  );
}

function problemCount({ engine, problems }: AppSnapshot): number {
  const refused = engine.mappings.filter(({ status }) => status.at === 'refused').length;
  return refused + [...engine.problems, ...problems].filter(({ severity }) => severity !== 'info').length;
}

function Summary({ snapshot }: { readonly snapshot: AppSnapshot }): VNode {
  const words = useWords(windowWords);
  const { mappings } = snapshot.engine;
  if (snapshot.settings.paused) return <Status icon="pause">{words.summary.paused}</Status>;
  const wanted = mappings.filter(({ status }) => status.at !== 'closing').length;
  const open = mappings.filter(({ status }) => status.at === 'open' || status.at === 'renewing').length;
  if (wanted === 0) return <Status icon="off">{words.summary.allOff}</Status>;
  return (
    <Status icon={open === wanted ? 'open' : 'partly'} tone={open === wanted ? 'good' : 'warn'}>
      {words.summary.open(open, wanted)}
    </Status>
  );
}
