/** How presets are shown wherever they are shown. */
import type { VNode } from 'preact';
import type { Preset } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { Switch } from '../../parts/button.tsx';
import { useWords } from '../../state/language.tsx';
import { useSwitch } from '../forwards/profile-head.tsx';
import { presetsWords } from './words.ts';
import './presets.css';

/** Its letters on its colour, the same each time: what one looks for among hundreds is found again by them. */
export function Monogram({ preset }: { readonly preset: Pick<Preset, 'id' | 'name'> }): VNode {
  return (
    <span class="monogram" style={{ '--hue': hueOf(preset.id) }} aria-hidden="true">
      {monogramOf(preset.name)}
    </span>
  );
}

/** `CS` of Counter-Strike 2, `7D` of 7 Days to Die, `Je` of Jellyfin. */
function monogramOf(name: string): string {
  const words = name
    .replaceAll(/\(.*?\)|['’]/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !/^(?:the|of|and|to)$/i.test(word));
  const [first = '', second] = words;
  return second === undefined ? first.slice(0, 2) : `${first.charAt(0)}${second.charAt(0)}`.toUpperCase();
}

/** Degrees; one of 18, so that neighbours differ visibly. */
function hueOf(id: string): number {
  // FNV-1a, which spreads short texts well.
  let hash = 0x81_1c_9d_c5;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01_00_01_93);
  return ((hash >>> 0) % 18) * 20;
}

/** Required ports, in one line. */
export function requiredPorts({ forwards }: Preset): string {
  return forwards
    .filter(({ required }) => required)
    .map(portsText)
    .join(', ');
}

interface ProfileSwitchProperties {
  readonly profile: Profile;
  readonly tabIndex?: 0 | -1;
}

/** Turns a profile on and off; it may be turned back before it has settled. A refusal is shown as a message. */
export function ProfileSwitch({ profile, tabIndex = 0 }: ProfileSwitchProperties): VNode {
  const words = useWords(presetsWords);
  const { isOn, isPending, turn } = useSwitch(profile);
  return (
    <Switch
      isOn={isOn}
      label={words.switchNamed(profile.name)}
      isPending={isPending}
      tabIndex={tabIndex}
      onChange={turn}
    />
  );
}
