import type { VNode } from 'preact';
import { presetsWords } from './words.ts';
import { Button, LinkButton } from '../../parts/input/button.tsx';
import { EmptyState } from '../../parts/notice/empty-state.tsx';
import { useWords } from '../../state/language.tsx';
import { hrefOf } from '../../state/route.ts';
import type { CategoryChoice, Hits } from './preset-hits.ts';

interface NothingFoundProperties {
  readonly query: string;
  readonly category: CategoryChoice;
  readonly hits: Hits;
  readonly onSearch: (query: string) => void;
  readonly onAll: () => void;
}

/** No way ends here: other kinds, names that are spelt alike, a profile of one's own. */
export function NothingFound({ query, category, hits, onSearch, onAll }: NothingFoundProperties): VNode {
  const words = useWords(presetsWords);
  const elsewhere = hits.counts.all;
  const said = query.trim();
  if (elsewhere > 0) {
    return (
      <EmptyState icon="search" title={words.nothingOfKind(said, words.categories[category])}>
        <Button onClick={onAll}>{words.everywhere(elsewhere)}</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title={words.nothing(said)}>
      {hits.near.length > 0 && (
        <div class="preset-near">
          <span class="muted">{words.near}</span>
          {hits.near.map((preset) => (
            <Button key={preset.id} size="small" onClick={() => onSearch(preset.name)}>
              {preset.name}
            </Button>
          ))}
        </div>
      )}
      <p class="preset-own muted">{words.ownProfileHint}</p>
      <LinkButton href={hrefOf('forwards', { new: said })} icon="plus" size="normal">
        {words.ownProfile}
      </LinkButton>
    </EmptyState>
  );
}
