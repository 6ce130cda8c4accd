/** While what a profile that is on is open. */
import type { VNode } from 'preact';
import { DAYS } from '../../../../main/contract/units.ts';
import { weekdayName } from '../../../../main/contract/words/opens-while.ts';
import { Checkbox, Select, choicesOf } from '../../../parts/choice.tsx';
import { Field, FieldGroup, TextInput } from '../../../parts/field.tsx';
import { useLanguage, useWords } from '../../../state/language.tsx';
import type { FieldName, OpeningDraft } from './profile-draft.ts';
import { editorWords } from './words.ts';

interface OpeningFieldsProperties {
  readonly draft: OpeningDraft;
  readonly faults: ReadonlyMap<FieldName, string>;
  readonly onChange: (draft: OpeningDraft) => void;
  readonly onLeave: (field: FieldName) => void;
}

export function OpeningFields({ draft, faults, onChange, onLeave }: OpeningFieldsProperties): VNode {
  const words = useWords(editorWords).opening;
  const language = useLanguage();
  const text = (field: 'program' | 'from' | 'to', placeholder: string): VNode => (
    <div class="editor-cell" data-field={`opensWhile.${field}`} data-kind={field}>
      <Field label={words[field]} error={faults.get(`opensWhile.${field}`)}>
        {(links) => (
          <TextInput
            {...links}
            placeholder={placeholder}
            value={draft[field]}
            onInput={(value) => onChange({ ...draft, [field]: value })}
            onBlur={() => onLeave(`opensWhile.${field}`)}
          />
        )}
      </Field>
    </div>
  );
  return (
    <div class="editor-grid">
      <div class="editor-cell" data-kind="opening">
        <Field label={words.label}>
          {(links) => (
            <Select
              {...links}
              value={draft.is}
              choices={choicesOf(words.choices)}
              onChange={(is) => onChange({ ...draft, is })}
            />
          )}
        </Field>
      </div>
      {draft.is === 'running' && text('program', 'java')}
      {draft.is === 'hours' && text('from', '18:00')}
      {draft.is === 'hours' && text('to', '23:30')}
      {draft.is === 'hours' && (
        <div class="editor-cell" data-field="opensWhile.days" data-kind="days">
          <FieldGroup label={words.days} error={faults.get('opensWhile.days')}>
            <div class="editor-families">
              {DAYS.map((day, at) => (
                <Checkbox
                  key={day}
                  label={weekdayName(at, language)}
                  isChecked={draft.days.includes(day)}
                  onChange={(isChecked) => {
                    const others = draft.days.filter((each) => each !== day);
                    onChange({ ...draft, days: isChecked ? [...others, day] : others });
                    onLeave('opensWhile.days');
                  }}
                />
              ))}
            </div>
          </FieldGroup>
        </div>
      )}
    </div>
  );
}
