import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Checkbox } from '../../parts/input/inputs.tsx';
import { Spinner } from '../../parts/notice/spinner.tsx';
import { useWords } from '../../state/language.tsx';
import type { InterfaceRow } from './interface-rows.ts';
import { interfaceRows, leftOutWith } from './interface-rows.ts';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';
import { useSetting } from './use-setting.ts';

type Words = (typeof settingsWords)['en'];

/** Those of this computer, and those that are left out though they are not there now. */
export function InterfacesSetting({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('exceptInterfaces', (names) => ({ exceptInterfaces: [...names] }));
  const rows = interfaceRows(description.at === 'known' ? description.value.interfaces : [], value);
  return (
    <SettingRow label={words.interfaces} hint={words.interfacesHint} saving={saving} isBeneath>
      {({ labelId }) => (
        <div class="setting-list" role="group" aria-labelledby={labelId}>
          {rows.map((row) => (
            <Checkbox
              key={row.name}
              label={<span class="mono">{row.name}</span>}
              hint={aboutOf(row, description.at === 'known', words)}
              isChecked={row.used}
              onChange={(isUsed) => set([...leftOutWith(value, row.name, isUsed)])}
            />
          ))}
          {description.at === 'reading' && (
            <p class="muted">
              <Spinner /> {words.interfacesReading}
            </p>
          )}
          {description.at === 'failed' && (
            <p class="setting-form">
              <span>{words.interfacesUnknown}</span>
              <Button size="small" onClick={description.again}>
                {words.tryAgain}
              </Button>
            </p>
          )}
          {description.at === 'known' && rows.length === 0 && <p class="muted">{words.interfacesEmpty}</p>}
        </div>
      )}
    </SettingRow>
  );
}

function aboutOf({ addresses, virtual, present }: InterfaceRow, isKnown: boolean, words: Words): string {
  if (!present) return isKnown ? words.interfaceAbsent : '';
  const said = addresses.length === 0 ? words.interfaceNoAddress : addresses.join(', ');
  return virtual ? `${said} · ${words.interfaceVirtual}` : said;
}
