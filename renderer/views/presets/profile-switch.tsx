import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profile.ts';
import { presetsWords } from './words.ts';
import { Switch } from '../../parts/input/switch.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';

interface ProfileSwitchProperties {
  readonly profile: Profile;
  readonly tabIndex?: 0 | -1;
}

/** Turns a profile on and off; it may be turned back before it has settled. A refusal is told as a message. */
export function ProfileSwitch({ profile, tabIndex = 0 }: ProfileSwitchProperties): VNode {
  const words = useWords(presetsWords);
  const ask = useAsk();
  const latest = useRef(0);
  const [isPending, setIsPending] = useState(false);
  const { id, name, on } = profile;
  const turn = async (isOn: boolean): Promise<void> => {
    latest.current += 1;
    const mine = latest.current;
    setIsPending(true);
    await ask('profile.switch', { id, on: isOn });
    if (latest.current === mine) setIsPending(false);
  };
  return (
    <Switch
      isOn={on}
      label={words.switchNamed(name)}
      isPending={isPending}
      tabIndex={tabIndex}
      onChange={(isOn) => void turn(isOn)}
    />
  );
}
