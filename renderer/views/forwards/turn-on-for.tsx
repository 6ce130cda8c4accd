/** Turns a profile on until some hours from now. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { inHours } from '../../../main/contract/units.ts';
import { durationInFull } from '../../../main/contract/words/formats.ts';
import { Button } from '../../parts/button.tsx';
import { RadioGroup } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk } from '../../state/portkeeper.tsx';
import { forwardsWords } from './words.ts';

const HOURS = [1, 2, 4, 8, 24, 72] as const;

interface TurnOnForProperties {
  readonly profile: Profile;
  readonly onClose: () => void;
}

export function TurnOnFor({ profile: { id, name }, onClose }: TurnOnForProperties): VNode {
  const words = useWords(forwardsWords).profile;
  const { cancel } = useWords(windowWords);
  const language = useLanguage();
  const ask = useAsk();
  const [hours, setHours] = useState('4');
  const turnOn = (): void => {
    // The outcome is shown in its row.
    void ask('profile.switch', { id, on: true, for: Number(hours) * 3600 });
    onClose();
  };
  return (
    <Dialog
      size="small"
      title={words.turnOnForTitle(name)}
      onClose={onClose}
      onSubmit={turnOn}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button kind="primary" type="submit">
            {words.turnOn}
          </Button>
        </>
      }
    >
      <RadioGroup
        look="list"
        label={words.turnOnForTitle(name)}
        value={hours}
        choices={HOURS.map((each) => ({ value: `${each}`, label: durationInFull(inHours(each), language) }))}
        onChange={setHours}
      />
    </Dialog>
  );
}
