/** Workarounds learned for routers: seen, and forgotten. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { RouterMemoryView, TraitView } from '../../../main/contract/gateway-table.ts';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import { BY_HAND, traitChoices } from '../../../main/contract/trait-choices.ts';
import { momentText, numberText } from '../../../main/contract/words/formats.ts';
import { Button } from '../../parts/button.tsx';
import { Select } from '../../parts/choice.tsx';
import { Form, NumberInput, numberIn } from '../../parts/field.tsx';
import { Card, Row, Section } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useReading, useSnapshot, useToasts } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import { traitText } from './trait-words.ts';
import { routerViewWords } from './words.ts';

export function Memory({ gateway }: { readonly gateway: GatewayView }): VNode {
  const words = useWords(routerViewWords);
  // Read again after each change; what a router shows meanwhile is there at the next look.
  const { value, again: read } = useReading('memory.read', {}, String(useSnapshot().activity), false);
  const routers = value?.routers ?? [];
  const own = routers.find(({ fingerprint }) => fingerprint === gateway.fingerprint);
  const others = routers.filter((router) => router !== own);
  return (
    <Section title={words.memory.title} hint={words.memory.hint}>
      {own === undefined ? (
        <Card>
          <p class="muted">{words.memory.none}</p>
        </Card>
      ) : (
        <Traits router={own} read={read} />
      )}
      {others.length > 0 && (
        <>
          <h3 class="router-elsewhere">{words.memory.elsewhere}</h3>
          {others.map((router) => (
            <div key={router.fingerprint} class="router-other">
              <p class="muted">{router.fingerprint}</p>
              <Traits router={router} read={read} />
            </div>
          ))}
        </>
      )}
    </Section>
  );
}

function Traits({ router, read }: { readonly router: RouterMemoryView; readonly read: () => void }): VNode {
  const words = useWords(routerViewWords);
  const ask = useAsk();
  const { show } = useToasts();
  const { fingerprint, traits } = router;
  const change = async ({ name, value: before }: TraitView, value: string): Promise<void> => {
    const put = async (next: string): Promise<boolean> => {
      const answer = await ask('memory.change', { fingerprint, trait: name, value: next });
      read();
      return answer.ok;
    };
    if (!(await put(value))) return;
    show({ text: words.memory.changed, undo: () => put(before) });
  };
  const forget = async (gone: readonly TraitView[]): Promise<void> => {
    const [only, ...more] = gone;
    const one = only !== undefined && more.length === 0 && traits.length > 1 ? { trait: only.name } : {};
    const answer = await ask('memory.forget', { fingerprint, ...one });
    read();
    if (!answer.ok) return;
    const restore = async (): Promise<void> => {
      for (const { name, value } of gone) await ask('memory.change', { fingerprint, trait: name, value });
      read();
    };
    show({ text: words.memory.forgotten, undo: restore });
  };
  return (
    <Card kind="rows">
      {traits.map((trait) => (
        <Trait
          key={trait.name}
          trait={trait}
          change={(value) => void change(trait, value)}
          forget={() => void forget([trait])}
        />
      ))}
      {traits.length > 1 && (
        <div class="row">
          <Button size="small" kind="quiet" onClick={() => void forget(traits)}>
            {words.memory.forgetAll}
          </Button>
        </div>
      )}
    </Card>
  );
}

interface TraitProperties {
  readonly trait: TraitView;
  readonly change: (value: string) => void;
  readonly forget: () => void;
}

function Trait({ trait, change, forget }: TraitProperties): VNode {
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const { name, meaning } = traitText(trait, language);
  const until = useMoment((now) => momentText(trait.expiresAt, now, language));
  const origin = trait.why === BY_HAND ? words.memory.byHand : words.memory.learnt;
  return (
    <Row
      label={
        <>
          <strong>{name}</strong> <span>{meaning}</span>
        </>
      }
      hint={
        <span title={trait.why}>
          {origin}, {words.memory.until(until)}
        </span>
      }
    >
      <TraitValue trait={trait} name={name} change={change} />
      <Button size="small" onClick={forget}>
        {words.memory.forget}
      </Button>
    </Row>
  );
}

interface TraitValueProperties {
  readonly trait: TraitView;
  /** Name of the trait, in words. */
  readonly name: string;
  /** With the new value as JSON. */
  readonly change: (value: string) => void;
}

/** Nothing for the form of requests: nobody knows by heart what a router needs there. */
function TraitValue({ trait, name, change }: TraitValueProperties): VNode | null {
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
    <Form class="router-number" onSubmit={() => isFitting && isChanged && change(String(number))}>
      <NumberInput
        aria-label={words.memory.change(name)}
        value={text}
        least={least}
        most={most}
        onInput={setText}
        aria-invalid={!isFitting}
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
    </Form>
  );
}
