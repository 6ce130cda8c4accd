import type { VNode } from 'preact';
import { windowWords } from '../../../main/contract/words/window.ts';
import { ViewHead } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';

export function SettingsView(): VNode {
  const words = useWords(windowWords);
  return <ViewHead title={words.views.settings} />;
}
