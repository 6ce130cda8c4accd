import type { VNode } from 'preact';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { windowWords } from './words.ts';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../state/language.tsx';
import { useSnapshot } from '../state/portkeeper.tsx';
import { VIEWS, hrefOf, type ViewName } from '../state/route.ts';

export function Navigation({ current }: { readonly current: ViewName }): VNode {
  const words = useWords(windowWords);
  const troubles = troublesOf(useSnapshot());
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
              <Icon name={view === 'check' ? 'check-up' : view} />
              <span>{words.views[view]}</span>
              {view === 'forwards' && troubles.count > 0 && (
                <span
                  class="nav-badge"
                  data-error={troubles.isError}
                  role="img"
                  aria-label={words.problems(troubles.count)}
                >
                  <Icon name={troubles.isError ? 'error' : 'warning'} size={16} />
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface Troubles {
  readonly count: number;
  readonly isError: boolean;
}

/** Counts forwards, not single ports. */
function troublesOf({ engine, problems }: AppSnapshot): Troubles {
  const refused = new Set(engine.mappings.flatMap(({ status, forward }) => (status.at === 'refused' ? [forward] : [])));
  const told = [...engine.problems, ...problems].filter(({ severity }) => severity !== 'info');
  return {
    count: refused.size + told.length,
    isError: refused.size > 0 || told.some(({ severity }) => severity === 'error'),
  };
}

/** The door of the program's icon. */
export function BrandMark({ size = 24 }: { readonly size?: number }): VNode {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M4.5 3.4q0-1 .85-1.2L12.4.5q1.1-.25 1.1.8v21.4q0 1.1-1.1.85L4.5 22.1Zm6.4 7.6a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8Zm2.6-9.5H18A1.5 1.5 0 0 1 19.5 3v18h-3V4.5h-3ZM.75 21H4.5v3H.75a.75.75 0 0 1-.75-.75v-1.5A.75.75 0 0 1 .75 21ZM15 21h8.25a.75.75 0 0 1 .75.75v1.5a.75.75 0 0 1-.75.75H15Z"
      />
    </svg>
  );
}
