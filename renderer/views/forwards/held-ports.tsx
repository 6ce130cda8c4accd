/** Ports that programs keep open beside the profiles, each with its switch-off. */
import type { VNode } from 'preact';
import { portsText } from '../../../main/contract/words/formats.ts';
import { CommandButton } from '../../parts/button.tsx';
import { Card, Row, Section } from '../../parts/layout.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { StateWords } from './forward-row.tsx';
import type { HoldShown } from './profile-state.ts';
import { holdsShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';

/** More are counted. */
const MOST_PORTS = 6;

export function HeldPorts(): VNode | null {
  const words = useWords(forwardsWords).terminal;
  const shown = holdsShown(useSnapshot());
  if (shown.length === 0) return null;
  return (
    <Section title={words.title} hint={words.hint}>
      <Card kind="rows">
        {shown.map((each) => (
          <HeldRow key={each.hold.name} {...each} />
        ))}
      </Card>
    </Section>
  );
}

function HeldRow({ hold, forwards, state }: HoldShown): VNode {
  const words = useWords(forwardsWords);
  const ports = forwards.slice(0, MOST_PORTS).map(portsText);
  if (forwards.length > MOST_PORTS) ports.push(words.profile.more(forwards.length - MOST_PORTS));
  const source = hold.from === 'file' ? words.terminal.file : words.terminal.terminal;
  const label = hold.label === '' ? source : hold.label;
  return (
    <Row label={label} hint={[ports.join(', '), ...(label === source ? [] : [source])].filter(Boolean).join(' · ')}>
      <StateWords state={state} />
      <CommandButton
        size="small"
        aria-label={words.terminal.closeOf(label)}
        command="forwards.release"
        input={{ hold: hold.name }}
      >
        {words.terminal.close}
      </CommandButton>
    </Row>
  );
}
