/** The dialog in which a profile is made or changed. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Language } from '../../../../main/contract/words/catalogues.ts';
import type { Profile } from '../../../../main/contract/profile.ts';
import { faultText } from '../../../../main/contract/words/faults.ts';
import { Button } from '../../../parts/button.tsx';
import { Dialog, useConfirm } from '../../../parts/dialog.tsx';
import { Field, FieldError, TextInput } from '../../../parts/field.tsx';
import { windowWords } from '../../../shell/words.ts';
import { useLanguage, useWords } from '../../../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../../../state/portkeeper.tsx';
import { ForwardFields } from './forward-fields.tsx';
import {
  draftOf,
  faultsOf,
  foreignClash,
  inputOf,
  newForward,
  type FieldName,
  type ForwardDraft,
  type ProfileDraft,
} from './profile-draft.ts';
import { editorWords } from './words.ts';
import './editor.css';

interface ProfileEditorProperties {
  /** Absent: a new one. */
  readonly profile: Profile | undefined;
  /** What a new one is called at first. */
  readonly name?: string | undefined;
  /** Where the person is to begin: a forward by its place, from 0, and a field of the contract. */
  readonly focusOn?: { readonly forward: number; readonly field: string | undefined } | undefined;
  readonly onClose: () => void;
}

export function ProfileEditor({ profile, name = '', focusOn, onClose }: ProfileEditorProperties): VNode {
  const words = useWords(editorWords);
  const { cancel, save } = useWords(windowWords);
  const language = useLanguage();
  const { profiles } = useSnapshot();
  const others = useMemo(() => profiles.filter(({ id }) => id !== profile?.id), [profiles, profile]);
  const [first] = useState(() => (profile === undefined ? { name, forwards: [newForward(0)] } : draftOf(profile)));
  const [draft, setDraft] = useState<ProfileDraft>(first);
  const { faults, show, showAll } = useShownFaults(draft, language);
  const saving = useSaving(profile, onClose);
  const close = useGuardedClose(draft !== first && JSON.stringify(draft) !== JSON.stringify(first), onClose);
  const form = useRef<HTMLDivElement>(null);
  const nextKey = useRef(first.forwards.length);
  useFocusOn(form, focusOn);

  const change = (forward: ForwardDraft): void =>
    setDraft((before) => ({
      ...before,
      forwards: before.forwards.map((each) => (each.key === forward.key ? forward : each)),
    }));
  const add = (): void => {
    const forward = newForward(nextKey.current);
    nextKey.current += 1;
    setDraft((before) => ({ ...before, forwards: [...before.forwards, forward] }));
    requestAnimationFrame(() => focusField(form.current, `${forward.key}.outside`));
  };
  const submit = (open: boolean): void => {
    const [fault] = faultsOf(draft, language).keys();
    showAll();
    if (fault === undefined) saving.save(draft, open);
    else requestAnimationFrame(() => focusFirstFault(form.current));
  };
  const isNew = profile === undefined;
  return (
    <Dialog
      size="wide"
      title={isNew ? words.titleNew : words.titleEdit}
      onClose={close}
      onSubmit={() => submit(isNew)}
      footer={
        <>
          {saving.refusal !== '' && (
            <div class="editor-refusal">
              <FieldError role="alert">{saving.refusal}</FieldError>
            </div>
          )}
          <Button onClick={close}>{cancel}</Button>
          {isNew && (
            <Button isBusy={saving.isBusy} onClick={() => submit(false)}>
              {words.create}
            </Button>
          )}
          <Button kind="primary" type="submit" isBusy={saving.isBusy}>
            {isNew ? words.createAndOpen : save}
          </Button>
        </>
      }
    >
      <div class="editor" ref={form}>
        <Field label={words.name} error={faults.get('name')}>
          {(links) => (
            <TextInput
              {...links}
              autofocus={focusOn === undefined}
              placeholder={words.namePlaceholder}
              value={draft.name}
              onInput={(name) => setDraft((before) => ({ ...before, name }))}
              onBlur={() => show('name')}
            />
          )}
        </Field>
        {draft.forwards.length === 0 && <p class="muted">{words.noPorts}</p>}
        {draft.forwards.map((forward, at) => (
          <ForwardFields
            key={forward.key}
            draft={forward}
            number={at + 1}
            isOnly={draft.forwards.length === 1}
            faults={faults}
            clash={foreignClash(forward, others, profile?.on ?? false)}
            isOpenedOut={focusOn?.forward === at && (focusOn.field === 'families' || focusOn.field === 'lease')}
            onChange={change}
            onLeave={show}
            onRemove={() =>
              setDraft((before) => ({ ...before, forwards: before.forwards.filter(({ key }) => key !== forward.key) }))
            }
          />
        ))}
        {faults.has('forwards') && <p class="field-error">{faults.get('forwards')}</p>}
        <div>
          <Button icon="plus" onClick={add}>
            {words.addPort}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** By what a problem calls them. */
const FIELD_OF: Readonly<Record<string, string>> = {
  external: 'outside',
  internal: 'inside',
  families: 'families',
  lease: 'lease',
};

function useFocusOn(form: { readonly current: HTMLElement | null }, focusOn: ProfileEditorProperties['focusOn']): void {
  const [wanted] = useState(focusOn);
  useEffect(() => {
    if (wanted === undefined) return;
    const field = FIELD_OF[wanted.field ?? ''] ?? 'outside';
    // After the dialog has moved the focus into itself.
    requestAnimationFrame(() => focusField(form.current, `${wanted.forward}.${field}`));
  }, [form, wanted]);
}

function focusField(form: HTMLElement | null, field: string): void {
  const box = form?.querySelector(`[data-field="${field}"]`);
  const input = box?.querySelector<HTMLElement>('input, select');
  input?.focus();
  if (input instanceof HTMLInputElement && input.type === 'text') input.select();
  box?.scrollIntoView({ block: 'nearest' });
}

function focusFirstFault(form: HTMLElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid=true], [data-invalid=true] input')?.focus();
}

/** Nobody is told of faults in fields not yet filled in. */
function useShownFaults(draft: ProfileDraft, language: Language) {
  const [left, setLeft] = useState<ReadonlySet<FieldName> | 'all'>(new Set());
  const all = useMemo(() => faultsOf(draft, language), [draft, language]);
  const faults = useMemo(
    () => (left === 'all' ? all : new Map([...all].filter(([field]) => left.has(field)))),
    [all, left],
  );
  return {
    faults,
    /** This field has been left: what is wrong with it may be told. */
    show: (field: FieldName) =>
      setLeft((before) => (before === 'all' || before.has(field) ? before : new Set([...before, field]))),
    showAll: () => setLeft('all'),
  };
}

function useSaving(profile: Profile | undefined, onSaved: () => void) {
  const ask = useAsk();
  const task = useTask();
  const language = useLanguage();
  const [refusal, setRefusal] = useState('');
  const save = (draft: ProfileDraft, open: boolean): void =>
    task.run(async () => {
      const input = inputOf(draft);
      const answer =
        profile === undefined
          ? await ask('profile.add', { profile: { ...input, on: false } }, { quiet: true })
          : await ask('profile.change', { id: profile.id, profile: input }, { quiet: true });
      if (!answer.ok) {
        setRefusal(answer.fault.code === 'unconfirmed' ? '' : faultText(answer.fault, language));
        return;
      }
      onSaved();
      // By itself: what is refused here, such as a clash, leaves the profile made.
      if (open) void ask('profile.switch', { id: answer.value.id, on: true });
    });
  return { isBusy: task.isBusy, refusal, save };
}

function useGuardedClose(isChanged: boolean, onClose: () => void): () => void {
  const words = useWords(editorWords);
  const confirm = useConfirm();
  const close = async (): Promise<void> => {
    const isMeant =
      !isChanged ||
      (await confirm({
        title: words.discardTitle,
        text: words.discardText,
        yes: words.discard,
        no: words.keepEditing,
        isDangerous: true,
      }));
    if (isMeant) onClose();
  };
  return () => void close();
}
