import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Fault } from '../../../main/contract/checked.ts';
import type { CommandFault } from '../../../main/contract/commands.ts';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { settingsWords } from './words.ts';
import { Status } from '../../parts/chip.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import './settings.css';
import type { SavingState } from './use-saving.ts';

/** What a control needs to be named and explained by its row. */
export interface RowLinks {
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
