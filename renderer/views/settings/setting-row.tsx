import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useId, useRef, useState } from 'preact/hooks';
import { checked, type Fault } from '../../../main/contract/checked.ts';
import type { AppDescription, CommandFault, CommandInput } from '../../../main/contract/commands.ts';
import { SettingsSchema, type Settings } from '../../../main/contract/settings.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { Button, Switch } from '../../parts/button.tsx';
import { RadioGroup } from '../../parts/choice.tsx';
import { FieldError, Form, TextInput, type FieldLinks } from '../../parts/field.tsx';
import { Status } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useReading, useSnapshot, type Reading } from '../../state/portkeeper.tsx';
import { useTime } from '../../state/time.tsx';
import './settings.css';
import { settingsWords } from './words.ts';

interface RowProperties {
  readonly label: string;
  /** Where the label and the choices do not say it all. */
  readonly hint?: ComponentChildren;
  /** Found by links that lead to one setting. */
  readonly name?: string;
}

interface SettingRowProperties extends RowProperties {
  readonly saving?: SavingState;
  /** The value that stays when a change was refused, as a person would say it. */
  readonly still?: string;
  /** In place of what the contract says about a bad value. */
  readonly badValue?: string;
  /** Larger controls stand beneath what explains them. */
  readonly isBeneath?: boolean;
  /** `label` names one control, which a click on it focuses. */
  readonly isLabel?: boolean;
  /** One control gets the links, to be named and explained by its row; several are named by `labelId`. */
  readonly children?: (links: FieldLinks, labelId: string) => ComponentChildren;
}

/** One setting: its name, one line of explanation, its control, and how its latest change went. */
export function SettingRow(properties: SettingRowProperties): VNode {
  const { label, hint, name, saving = { at: 'idle' }, still, badValue, isBeneath, isLabel, children } = properties;
  const words = useWords(settingsWords);
  const language = useLanguage();
  const id = useId();
  const labelId = `${id}-label`;
  const hintId = `${id}-hint`;
  const links = {
    id: `${id}-input`,
    'aria-describedby': hint === undefined ? undefined : hintId,
    'aria-invalid': saving.at === 'refused',
  };
  const Label = isLabel === true ? 'label' : 'div';
  return (
    <div class="row setting" data-setting={name} data-layout={isBeneath === true ? 'beneath' : 'beside'}>
      <div class="row-text">
        <div class="setting-head">
          <Label id={labelId} class="setting-label" {...(isLabel === true ? { for: links.id } : {})}>
            {label}
          </Label>
          {/* Beside the name, where nothing has to make room for it. */}
          <span class="setting-note" role="status">
            {saving.at === 'saved' && (
              <Status icon="check" tone="good">
                {words.saved}
              </Status>
            )}
          </span>
        </div>
        {hint !== undefined && (
          <div id={hintId} class="row-hint">
            {hint}
          </div>
        )}
      </div>
      {children !== undefined && <div class="row-end">{children(links, labelId)}</div>}
      <div class="setting-refusal" role="alert">
        {saving.at === 'refused' && (
          <FieldError>
            {words.notSaved}{' '}
            {badValue !== undefined && isAboutValue(saving.fault) ? badValue : fieldText(saving.fault, language)}
            {still !== undefined && <span class="muted"> {words.still(still)}</span>}
          </FieldError>
        )}
      </div>
    </div>
  );
}

const isAboutValue = (fault: Fault | CommandFault): boolean => !('code' in fault) || fault.code === 'bad-input';

/** A setting that is on or off. */
export function SettingSwitch({ setting, ...row }: RowProperties & { readonly setting: Setting<boolean> }): VNode {
  const { value, saving, set } = setting;
  return (
    <SettingRow {...row} saving={saving}>
      {(links, labelId) => (
        <Switch
          isOn={value}
          labelledBy={labelId}
          describedBy={links['aria-describedby']}
          isPending={saving.at === 'saving'}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

interface SettingChoiceProperties<Value extends string> extends RowProperties {
  readonly look: 'segments' | 'list';
  readonly setting: Setting<Value>;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
}

/** A setting that is one of a few. */
export function SettingChoice<Value extends string>(properties: SettingChoiceProperties<Value>): VNode {
  const { look, setting, choices, ...row } = properties;
  return (
    <SettingRow {...row} saving={setting.saving} isBeneath={look === 'list'}>
      {(links, labelId) => (
        <RadioGroup
          look={look}
          labelledBy={labelId}
          describedBy={links['aria-describedby']}
          value={setting.value}
          choices={choices}
          onChange={setting.set}
        />
      )}
    </SettingRow>
  );
}

/** Settings that are a text or nothing. */
type TextName = {
  [Name in keyof Settings]: null extends Settings[Name]
    ? Exclude<Settings[Name], null> extends string
      ? Name
      : never
    : never;
}[keyof Settings];

interface SettingTextProperties extends RowProperties {
  readonly setting: TextName;
  readonly example: string;
  /** The value that counts while it is empty; “none” when absent. */
  readonly none?: string;
  /** On the button that empties it; “Remove” when absent. */
  readonly clear?: string;
}

/** A setting that is typed. What is refused stays in the field to be corrected. */
export function SettingText({ setting, example, none, clear, ...row }: SettingTextProperties): VNode {
  const words = useWords(settingsWords);
  const { value, state, text, setText, save } = useTextSetting(setting);
  return (
    <SettingRow {...row} saving={state} still={value ?? none ?? words.notSet} isBeneath isLabel>
      {(links) => (
        <Form class="setting-form" onSubmit={() => save(text)}>
          <TextInput {...links} value={text} placeholder={example} onInput={setText} />
          <Button type="submit" isBusy={state.at === 'saving'}>
            {words.textSet}
          </Button>
          {value !== null && (
            <Button
              kind="quiet"
              onClick={() => {
                setText('');
                save('');
              }}
            >
              {clear ?? words.remove}
            </Button>
          )}
        </Form>
      )}
    </SettingRow>
  );
}

export function useTextSetting(name: TextName) {
  const value = useSnapshot().settings[name];
  const { state, save, forget } = useSaving();
  const [text, setText] = useState(value ?? '');
  // Changed elsewhere, or reset.
  useEffect(() => setText(value ?? ''), [value]);
  return {
    value,
    state,
    text,
    setText: (next: string) => {
      setText(next);
      if (state.at === 'refused') forget();
    },
    save: (wanted: string) => void save({ [name]: wanted.trim() === '' ? null : wanted }),
  };
}

type SettingsChange = CommandInput<'settings.change'>['settings'];

export type SavingState =
  | { readonly at: 'idle' }
  | { readonly at: 'saving' }
  | { readonly at: 'saved' }
  /** The former value stays. */
  | { readonly at: 'refused'; readonly fault: CommandFault | Fault };

interface Saving {
  readonly state: SavingState;
  /** As they are, with changes being saved. */
  readonly settings: Settings;
  /** Resolves with whether it was taken. Of two changes of one field, the later is reported. */
  readonly save: (change: SettingsChange) => Promise<boolean>;
  /** The refused value is no longer there to be corrected. */
  readonly forget: () => void;
}

/** How long a field says that it was saved. */
const SAID_FOR = inSeconds(3);

/** Settings take effect at once: each field shows how its change goes. */
export function useSaving(): Saving {
  const ask = useAsk();
  const time = useTime();
  const { settings } = useSnapshot();
  const [state, setState] = useState<SavingState>({ at: 'idle' });
  const [chosen, setChosen] = useState<Settings | undefined>(undefined);
  const latest = useRef(0);
  const stopSaying = useRef<(() => void) | undefined>(undefined);
  const begin = useCallback(() => {
    stopSaying.current?.();
    stopSaying.current = undefined;
    latest.current += 1;
    return latest.current;
  }, []);
  useEffect(() => () => void begin(), [begin]);
  const show = (next: SavingState, becoming?: Settings): void => {
    setState(next);
    setChosen(becoming);
  };
  const save = async (change: SettingsChange): Promise<boolean> => {
    const mine = begin();
    // Here, too: an invalid number would arrive as null, which means something.
    const parsed = checked(SettingsSchema, { ...settings, ...change });
    const [fault] = parsed.ok ? [] : parsed.faults;
    if (fault !== undefined) {
      show({ at: 'refused', fault });
      return false;
    }
    show({ at: 'saving' }, parsed.ok ? parsed.value : undefined);
    const answer = await ask('settings.change', { settings: change }, { quiet: true });
    if (latest.current !== mine) return answer.ok;
    show(answer.ok ? { at: 'saved' } : { at: 'refused', fault: answer.fault });
    if (answer.ok) stopSaying.current = time.after(SAID_FOR, () => setState({ at: 'idle' }));
    return answer.ok;
  };
  const forget = (): void => {
    begin();
    show({ at: 'idle' });
  };
  return { state, settings: chosen ?? settings, save, forget };
}

interface Setting<Value> {
  /** A choice shows at once; a refused one goes back. */
  readonly value: Value;
  readonly saving: SavingState;
  readonly set: (value: Value) => void;
}

/** @param change what to ask for, to have that value */
export function useSetting<Name extends keyof Settings>(
  name: Name,
  change: (value: Settings[Name]) => SettingsChange,
): Setting<Settings[Name]> {
  const { state, settings, save } = useSaving();
  return { value: settings[name], saving: state, set: (value) => void save(change(value)) };
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

export type Description = Reading<AppDescription>;

/** Read again when the computer comes to another network: its interfaces are others then. */
export const useDescription = (): Description =>
  useReading('app.describe', {}, useSnapshot().engine.network?.key ?? '');
