import type { Ref, VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { presetsWords } from './words.ts';
import { Dialog } from '../../parts/notice/dialog.tsx';
import { useWords } from '../../state/language.tsx';
import { profilesOf } from './preset-claims.ts';
import { PresetActions, PresetDetails } from './preset-details.tsx';
import type { PresetDraft } from './preset-draft.ts';
import { PresetIcon } from './preset-look.tsx';
import { usePresetForm } from './use-preset-form.ts';

interface PresetPanelProperties {
  readonly draft: PresetDraft;
  readonly profiles: readonly Profile[];
  /** Beside the list; otherwise above it, until it is closed. */
  readonly isBeside: boolean;
  readonly panelRef: Ref<HTMLElement>;
  readonly onDraft: (draft: PresetDraft) => void;
  readonly onAdded: (preset: Preset) => void;
  readonly onClose: () => void;
}

/** One preset, whole. */
export function PresetPanel(properties: PresetPanelProperties): VNode {
  const { draft, profiles, isBeside, panelRef, onDraft, onAdded, onClose } = properties;
  const { preset } = draft;
  const words = useWords(presetsWords);
  const id = useId();
  const inside = useRef<HTMLDivElement>(null);
  const [isAgain, setIsAgain] = useState(false);
  const form = usePresetForm({
    draft,
    profiles,
    onDraft,
    onAdded: (added) => {
      onAdded(added);
      setIsAgain(false);
      if (!isBeside) onClose();
    },
  });
  const { refusals } = form;
  useEffect(() => {
    if (refusals === 0) return;
    const field = inside.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    field?.focus();
    // What concerns the whole may be out of sight.
    if (field === null) inside.current?.querySelector('.preset-claims')?.scrollIntoView({ block: 'nearest' });
  }, [refusals]);
  const added = profilesOf(preset, profiles);
  const isEditable = added.length === 0 || isAgain;
  const details = (
    <div ref={inside}>
      <PresetDetails form={form} added={added} isEditable={isEditable} />
    </div>
  );
  const actions = (
    <PresetActions form={form} isEditable={isEditable} onAgain={() => setIsAgain(true)} takesFocus={!isBeside} />
  );
  if (!isBeside) {
    return (
      <Dialog title={preset.name} onClose={onClose} footer={actions}>
        {details}
      </Dialog>
    );
  }
  return (
    <section class="preset-panel card" ref={panelRef} aria-labelledby={id}>
      <header class="preset-panel-head">
        <PresetIcon category={preset.category} />
        <div>
          <h2 id={id}>{preset.name}</h2>
          <p class="muted">{words.kind[preset.category]}</p>
        </div>
      </header>
      {details}
      <footer class="preset-panel-foot">{actions}</footer>
    </section>
  );
}
