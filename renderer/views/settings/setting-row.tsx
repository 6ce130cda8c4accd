/** Settings hold at once: each field tells by itself how its change goes. */
import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Fault } from '../../../main/contract/checked.ts';
import { checked } from '../../../main/contract/checked.ts';
import type { CommandFault, CommandInput } from '../../../main/contract/commands.ts';
import type { Settings } from '../../../main/contract/settings.ts';
import { SettingsChangeSchema } from '../../../main/contract/settings.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { Switch } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Status } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot } from '../../state/portkeeper.tsx';
import { useTime } from '../../state/time.tsx';
import './settings.css';
import { settingsWords } from './words.ts';

/** What a control needs to be named and explained by its row. */
interface RowLinks {
  readonly labelId: string;
  readonly hintId: string;
  /** The control itself: the label leads to it. */
  readonly id: string;
  readonly isInvalid: boolean;
}

interface SettingRowProperties {
  readonly label: string;
  readonly hint: ComponentChildren;
  /** Found by links that lead to one setting. */
  readonly name?: string;
  readonly saving?: SavingState;
  /** What stays when a change was refused, as a person would say it. */
  readonly still?: string;
  /** In place of what the contract says about a bad value. */
  readonly badValue?: string;
  /** Larger controls stand beneath what explains them. */
  readonly isBeneath?: boolean;
  /** What `label` names is one control, which it leads to. */
  readonly isLabel?: boolean;
  readonly children?: (links: RowLinks) => ComponentChildren;
}

/** One setting: its name, one line of explanation, its control, and how its latest change went. */
export function SettingRow(properties: SettingRowProperties): VNode {
  const {
    label,
    hint,
    name,
    saving = { at: 'idle' },
    still,
    badValue,
    isBeneath = false,
    isLabel = false,
    children,
  } = properties;
  const id = useId();
  const isInvalid = saving.at === 'refused';
  const links = { labelId: `${id}-label`, hintId: `${id}-hint`, id: `${id}-input`, isInvalid };
  return (
    <div class="row setting" data-setting={name} data-layout={isBeneath ? 'beneath' : 'beside'}>
      <div class="row-text">
        <div class="setting-head">
          {isLabel ? (
            <label id={links.labelId} class="setting-label" for={links.id}>
              {label}
            </label>
          ) : (
            <div id={links.labelId} class="setting-label">
              {label}
            </div>
          )}
          <SavingNote saving={saving} />
        </div>
        <div id={links.hintId} class="row-hint">
          {hint}
        </div>
      </div>
      {children !== undefined && <div class="row-end">{children(links)}</div>}
      <Refusal saving={saving} still={still} badValue={badValue} />
    </div>
  );
}

const isAboutValue = (fault: Fault | CommandFault): boolean => !('code' in fault) || fault.code === 'bad-input';

/** Beside the name, where nothing has to make room for it. */
function SavingNote({ saving }: { readonly saving: SavingState }): VNode {
  const words = useWords(settingsWords);
  return (
    <span class="setting-note" role="status">
      {saving.at === 'saved' && (
        <Status icon="check" tone="good">
          {words.saved}
        </Status>
      )}
    </span>
  );
}

interface RefusalProperties {
  readonly saving: SavingState;
  readonly still: string | undefined;
  readonly badValue: string | undefined;
}

function Refusal({ saving, still, badValue }: RefusalProperties): VNode {
  const language = useLanguage();
  const words = useWords(settingsWords);
  return (
    <div class="setting-refusal" role="alert">
      {saving.at === 'refused' && (
        <p class="field-error">
          <Icon name="error" size={16} />
          <span>
            {words.notSaved}{' '}
            {badValue !== undefined && isAboutValue(saving.fault) ? badValue : fieldText(saving.fault, language)}
            {still !== undefined && <span class="muted"> {words.still(still)}</span>}
          </span>
        </p>
      )}
    </div>
  );
}

interface SettingSwitchProperties {
  readonly name?: string;
  readonly label: string;
  readonly hint: string;
  readonly value: boolean;
  readonly saving: SavingState;
  readonly set: (value: boolean) => void;
}

/** A setting that is on or off. */
export function SettingSwitch({ value, saving, set, ...row }: SettingSwitchProperties): VNode {
  return (
    <SettingRow {...row} saving={saving}>
      {({ labelId, hintId }) => (
        <Switch
          isOn={value}
          labelledBy={labelId}
          describedBy={hintId}
          isPending={saving.at === 'saving'}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

type SettingsChange = CommandInput<'settings.change'>['settings'];

type SavingState =
  | { readonly at: 'idle' }
  | { readonly at: 'saving' }
  | { readonly at: 'saved' }
  /** What was there stays. */
  | { readonly at: 'refused'; readonly fault: CommandFault | Fault };

interface Saving<Value> {
  readonly state: SavingState;
  /** While it is being saved: what it is to become. */
  readonly chosen: { readonly value: Value } | undefined;
  /** Resolves with whether it was taken. Of two changes of one field, the later is told about. */
  readonly save: (change: SettingsChange, value: Value) => Promise<boolean>;
  /** What was refused is no longer there to be corrected. */
  readonly forget: () => void;
}

/** How long a field says that it was saved. */
const SAID_FOR = inSeconds(3);

export function useSaving<Value>(): Saving<Value> {
  const ask = useAsk();
  const time = useTime();
  const [state, setState] = useState<SavingState>({ at: 'idle' });
  const [chosen, setChosen] = useState<Saving<Value>['chosen']>(undefined);
  const latest = useRef(0);
  const stopSaying = useRef<(() => void) | undefined>(undefined);
  const begin = useCallback(() => {
    stopSaying.current?.();
    stopSaying.current = undefined;
    latest.current += 1;
    return latest.current;
  }, []);
  useEffect(() => () => void begin(), [begin]);
  const save = useCallback(
    async (change: SettingsChange, value: Value) => {
      const mine = begin();
      // Here, too: what is no number would arrive as null, which means something.
      const parsed = checked(SettingsChangeSchema, change);
      const [fault] = parsed.ok ? [] : parsed.faults;
      if (fault !== undefined) {
        setChosen(undefined);
        setState({ at: 'refused', fault });
        return false;
      }
      setState({ at: 'saving' });
      setChosen({ value });
      const answer = await ask('settings.change', { settings: change }, { quiet: true });
      if (latest.current !== mine) return answer.ok;
      setChosen(undefined);
      setState(answer.ok ? { at: 'saved' } : { at: 'refused', fault: answer.fault });
      if (answer.ok) stopSaying.current = time.after(SAID_FOR, () => setState({ at: 'idle' }));
      return answer.ok;
    },
    [ask, begin, time],
  );
  const forget = useCallback(() => {
    begin();
    setChosen(undefined);
    setState({ at: 'idle' });
  }, [begin]);
  return { state, chosen, save, forget };
}

interface Setting<Value> {
  /** What was chosen shows at once; what is refused goes back. */
  readonly value: Value;
  readonly saving: SavingState;
  readonly set: (value: Value) => void;
}

/** @param change what to ask for, to have that value */
export function useSetting<Name extends keyof Settings>(
  name: Name,
  change: (value: Settings[Name]) => SettingsChange,
): Setting<Settings[Name]> {
  const { settings } = useSnapshot();
  const { state, chosen, save } = useSaving<Settings[Name]>();
  return {
    value: chosen === undefined ? settings[name] : chosen.value,
    saving: state,
    set: (value) => void save(change(value), value),
  };
}

/** One beneath the other. */
export function Sentences({ list }: { readonly list: readonly string[] }): VNode {
  return (
    <>
      {list.map((sentence) => (
        <span key={sentence} class="setting-sentence">
          {sentence}
        </span>
      ))}
    </>
  );
}
