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
              <Icon name={view} />
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

/** Of forwards, not of single ports. */
function troublesOf({ engine, problems }: AppSnapshot): Troubles {
  const refused = new Set(engine.mappings.flatMap(({ status, forward }) => (status.at === 'refused' ? [forward] : [])));
  const told = [...engine.problems, ...problems].filter(({ severity }) => severity !== 'info');
  return {
    count: refused.size + told.length,
    isError: refused.size > 0 || told.some(({ severity }) => severity === 'error'),
  };
}

/** The gate of the program's icon. */
export function BrandMark({ size = 24 }: { readonly size?: number }): VNode {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M3 22V11.5a9 9.5 0 0 1 18 0V22a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1Zm9-12.7a2.2 2.2 0 0 0-1.25 4l-.8 4.2a.5.5 0 0 0 .5.6h3.1a.5.5 0 0 0 .5-.6l-.8-4.2A2.2 2.2 0 0 0 12 9.3Z"
      />
    </svg>
  );
}
