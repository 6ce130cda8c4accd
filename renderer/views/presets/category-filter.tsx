import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { presetsWords } from './words.ts';
import { useWords } from '../../state/language.tsx';
import type { CategoryChoice, Hits } from './preset-hits.ts';
import { CATEGORIES } from './preset-hits.ts';

interface CategoryFilterProperties {
  readonly value: CategoryChoice;
  readonly counts: Hits['counts'];
  readonly onChange: (value: CategoryChoice) => void;
}

/** Kinds as pills, each with how many it would show. */
export function CategoryFilter({ value, counts, onChange }: CategoryFilterProperties): VNode {
  const words = useWords(presetsWords);
  const name = useId();
  return (
    <div class="pills" role="radiogroup" aria-label={words.category}>
      {(['all', ...CATEGORIES] as const).map((category) => (
        <label key={category} class="pill" data-empty={counts[category] === 0}>
          <input
            type="radio"
            name={name}
            value={category}
            checked={category === value}
            onChange={() => onChange(category)}
          />
          <span>
            {words.categories[category]} <span class="pill-count">{counts[category]}</span>
          </span>
        </label>
      ))}
    </div>
  );
}
