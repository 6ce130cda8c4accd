/** Changing what is remembered: a choice of what it may be, or a number. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { TraitView } from '../../../main/contract/gateway-table.ts';
import { traitChoices } from '../../../main/contract/trait-choices.ts';
import { numberText } from '../../../main/contract/words/formats.ts';
import { traitText } from './trait-words.ts';
import { routerViewWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { NumberInput, numberIn, Select } from '../../parts/input/inputs.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import './router.css';

interface TraitValueProperties {
  readonly trait: TraitView;
  /** Of the trait, in words. */
  readonly name: string;
  /** With the new value as JSON. */
  readonly change: (value: string) => void;
}

/** Nothing for the form of requests: nobody knows by heart what a router needs there. */
export function TraitValue({ trait, name, change }: TraitValueProperties): VNode | null {
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const choices = traitChoices(trait.name);
  if (choices?.kind === 'one-of') {
    return (
      <span class="router-trait">
        <Select
          aria-label={words.memory.change(name)}
          value={trait.value}
          choices={choices.values.map((value) => ({
            value,
            label: traitText({ name: trait.name, value }, language).meaning,
          }))}
          onChange={change}
        />
      </span>
    );
  }
  if (choices?.kind !== 'number') return null;
  return <TraitNumber key={trait.value} trait={trait} name={name} change={change} {...choices} />;
}

type TraitNumberProperties = TraitValueProperties & { readonly least: number; readonly most: number };

function TraitNumber({ trait, name, change, least, most }: TraitNumberProperties): VNode {
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const [text, setText] = useState(trait.value);
  const number = numberIn(text);
  const isFitting = number !== undefined && number >= least && number <= most;
  const hint = words.memory.number(numberText(least, language), numberText(most, language));
  const isChanged = text !== trait.value;
  return (
    <form
      class="router-number"
      onSubmit={(event) => {
        event.preventDefault();
        if (isFitting && isChanged) change(String(number));
      }}
    >
      <NumberInput
        aria-label={words.memory.change(name)}
        value={text}
        least={least}
        most={most}
        onInput={setText}
        {...(isFitting ? {} : { 'aria-invalid': true })}
      />
      {trait.name === 'longestLease' && <span>{words.memory.seconds}</span>}
      {isChanged && (
        <Button type="submit" size="small" disabled={!isFitting}>
          {words.memory.set}
        </Button>
      )}
      {!isFitting && (
        <span class="router-invalid" role="alert">
          {hint}
        </span>
      )}
    </form>
  );
}
