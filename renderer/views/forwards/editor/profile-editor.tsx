/** The dialog in which a profile is made or changed. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CommandInput, DeviceView } from '../../../../main/contract/commands.ts';
import type { Language } from '../../../../main/contract/words/catalogues.ts';
import type { Profile } from '../../../../main/contract/profiles/profile.ts';
import { faultText } from '../../../../main/contract/words/faults.ts';
import { portsText } from '../../../../main/contract/words/formats.ts';
import { Button } from '../../../parts/button.tsx';
import { useConfirm } from '../../../parts/confirm.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { Field, FieldError, TextInput } from '../../../parts/field.tsx';
import { Callout } from '../../../parts/notice.tsx';
import { windowWords } from '../../../shell/words.ts';
import { useLanguage, useWords } from '../../../state/language.tsx';
import { useAsk, useReading, useSnapshot, useTask } from '../../../state/portkeeper.tsx';
import { ForwardFields } from './forward-fields.tsx';
import { OpeningFields } from './opening-fields.tsx';
import {
  ALWAYS_OPEN,
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

export interface ProfileEditorProperties {
  /** Absent: a new one. */
  readonly profile: Profile | undefined;
  /** First name of a new one. */
  readonly name?: string | undefined;
  /** The original of a new copy, and its place in the list. */
  readonly copyOf?: { readonly profile: Profile; readonly at: number } | undefined;
  /** Where the person is to begin: a forward by its place, from 0, and a field of the contract. */
  readonly focusOn?: { readonly forward: number; readonly field: string | undefined } | undefined;
  readonly onClose: () => void;
}

export function ProfileEditor({ profile, name = '', copyOf, focusOn, onClose }: ProfileEditorProperties): VNode {
  const words = useWords(editorWords);
  const { cancel, save } = useWords(windowWords);
  const language = useLanguage();
  const { profiles } = useSnapshot();
  const others = useMemo(() => profiles.filter(({ id }) => id !== profile?.id), [profiles, profile]);
  const template = profile ?? copyOf?.profile;
  const [first, setFirst] = useState(() =>
    template === undefined ? { name, opens: ALWAYS_OPEN, forwards: [newForward(0)] } : draftOf(template),
  );
  const [draft, setDraft] = useState<ProfileDraft>(first);
  const { faults, show, showAll } = useShownFaults(draft, language);
  const close = useGuardedClose(draft !== first && JSON.stringify(draft) !== JSON.stringify(first), onClose);
  const devices = useDevices(profiles);
  const form = useRef<HTMLDivElement>(null);
  const nextKey = useRef(first.forwards.length);
  useFocusOn(form, focusOn);
  /** The stored profile, as the person last saw it. */
  const [seen, setSeen] = useState(profile);
  const saving = useSaving(seen, copyOf?.at, onClose);
  const stored = profiles.find(({ id }) => id === profile?.id);
  const isElsewhere = !saving.isBusy && stored !== undefined && seen !== undefined && !isSameDraft(stored, seen);
  const loadTheirs = (): void => {
    if (stored === undefined) return;
    const theirs = draftOf(stored);
    nextKey.current = Math.max(nextKey.current, theirs.forwards.length);
    setSeen(stored);
    setFirst(theirs);
    setDraft(theirs);
  };

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
    if (isElsewhere) {
      form.current?.querySelector<HTMLElement>('.editor-elsewhere .button')?.focus();
      return;
    }
    const [fault] = faultsOf(draft, language).keys();
    showAll();
    if (fault === undefined) saving.save(draft, open);
    else requestAnimationFrame(() => focusFirstFault(form.current));
  };
  const isNew = profile === undefined;
  return (
    <Dialog
      size="wide"
      title={copyOf === undefined ? (isNew ? words.titleNew : words.titleEdit) : words.titleCopy}
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
        {isElsewhere && <Elsewhere stored={stored} onTheirs={loadTheirs} onMine={() => setSeen(stored)} />}
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
            devices={devices}
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
        <OpeningFields
          draft={draft.opens}
          faults={faults}
          onChange={(opens) => setDraft((before) => ({ ...before, opens }))}
          onLeave={show}
        />
      </div>
    </Dialog>
  );
}

const isSameDraft = (one: Profile, other: Profile): boolean =>
  one === other || JSON.stringify(draftOf(one)) === JSON.stringify(draftOf(other));

interface ElsewhereProperties {
  readonly stored: Profile;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
}

/** Another window has saved the same profile meanwhile. */
function Elsewhere({ stored, onTheirs, onMine }: ElsewhereProperties): VNode {
  const words = useWords(editorWords).elsewhere;
  const ports = stored.forwards.map((forward) => {
    const { internal, external, label } = forward;
    const inside = internal.first === external.first ? '' : `:${internal.first}`;
    const target = internal.client === undefined && inside === '' ? '' : ` → ${internal.client ?? ''}${inside}`;
    return `${portsText(forward)}${target}${label === '' ? '' : ` (${label})`}`;
  });
  return (
    <div class="editor-elsewhere" role="alert">
      <Callout
        tone="warn"
        icon="warning"
        title={words.title}
        actions={
          <>
            <Button size="small" onClick={onMine}>
              {words.mine}
            </Button>
            <Button size="small" onClick={onTheirs}>
              {words.theirs}
            </Button>
          </>
        }
      >
        {words.now(stored.name, ports.join(', '))} {words.yours}
      </Callout>
    </div>
  );
}

/** Devices that Portkeeper has met in the home, and those that profiles point to already. */
function useDevices(profiles: readonly Profile[]): readonly DeviceView[] {
  const { value } = useReading('devices.list', {}, '');
  return useMemo(() => {
    const met = value?.devices ?? [];
    const chosen = new Map(
      profiles.flatMap(({ name, forwards }) =>
        forwards.flatMap(({ internal: { client } }) => (client === undefined ? [] : [[client, name] as const])),
      ),
    );
    const known = met.map(({ address, name }) => ({ address, name: name === '' ? (chosen.get(address) ?? '') : name }));
    const others = [...chosen].filter(([address]) => !met.some((device) => device.address === address));
    return [...known, ...others.map(([address, name]) => ({ address, name }))];
  }, [value, profiles]);
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

/** Faults in fields not yet filled in are not shown. */
function useShownFaults(draft: ProfileDraft, language: Language) {
  const [left, setLeft] = useState<ReadonlySet<FieldName> | 'all'>(new Set());
  const all = useMemo(() => faultsOf(draft, language), [draft, language]);
  const faults = useMemo(
    () => (left === 'all' ? all : new Map([...all].filter(([field]) => left.has(field)))),
    [all, left],
  );
  return {
    faults,
    /** This field has been left: its fault may be shown. */
    show: (field: FieldName) =>
      setLeft((before) => (before === 'all' || before.has(field) ? before : new Set([...before, field]))),
    showAll: () => setLeft('all'),
  };
}

function useSaving(profile: Profile | undefined, at: number | undefined, onSaved: () => void) {
  const ask = useAsk();
  const task = useTask();
  const language = useLanguage();
  const [refusal, setRefusal] = useState('');
  const save = (draft: ProfileDraft, open: boolean): void =>
    task.run(async () => {
      const input = inputOf(draft);
      const answer =
        profile === undefined
          ? // Refused whole where another profile that is on has one of its ports.
            await ask(
              'profile.add',
              { profile: { ...input, on: open }, ...(at === undefined ? {} : { at }) },
              { quiet: true },
            )
          : await ask('profile.change', { id: profile.id, profile: input, from: versionOf(profile) }, { quiet: true });
      if (!answer.ok) {
        setRefusal(
          answer.fault.code === 'unconfirmed' || answer.fault.reason.code === 'profile-changed'
            ? ''
            : faultText(answer.fault, language),
        );
        return;
      }
      onSaved();
    });
  return { isBusy: task.isBusy, refusal, save };
}

const versionOf = ({ name, forwards, opensWhile }: Profile): NonNullable<CommandInput<'profile.change'>['from']> => ({
  name,
  forwards,
  ...(opensWhile === undefined ? {} : { opensWhile }),
});

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
