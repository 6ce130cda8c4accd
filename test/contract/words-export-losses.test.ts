import { expect, test } from 'vitest';
import type { ExportLoss } from '../../main/contract/profiles/profile-document.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { exportLossText } from '../../main/contract/words/losses.ts';
import { blemishesIn } from '../support/languages.ts';

const all: Readonly<Record<ExportLoss['what'], number>> = {
  profiles: 0,
  settings: 0,
  'inside-port': 2,
  ipv6: 2,
  'ipv6-too': 2,
  'ports-claimed': 2,
  router: 2,
  'if-taken': 2,
};

test.each(Object.keys(all) as ExportLoss['what'][])('%s has words in each language', (what) => {
  const loss = { what, forwards: all[what] };
  expect(exportLossText(loss, 'en')).toMatch(/^[A-Z“„].*\.$/);
  expect(exportLossText(loss, 'de')).toMatch(/^[A-Z“„].*\.$/);
  for (const language of LANGUAGES) expect(blemishesIn(exportLossText(loss, language), language)).toEqual([]);
  for (const language of ['en', 'de'] as const) {
    expect(exportLossText(loss, language).includes('2')).toBe(loss.forwards === 2);
    expect(exportLossText({ what, forwards: 1 }, language)).not.toMatch(/1 (?:forwards|Freigaben)/);
  }
});
