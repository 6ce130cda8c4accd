import { expect, test } from 'vitest';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { settingsWords } from '../../renderer/views/settings/words.ts';

test.each(LANGUAGES)('a look for newer versions that failed says why, and what to do, in %s', (language) => {
  const { failed } = settingsWords[language].updateState;
  expect(failed({ at: 'failed', fault: 'net::ERR_TIMED_OUT' })).toMatch(
    / \(net::ERR_TIMED_OUT\)\. (Try again later|Versuche es später erneut)\.$/,
  );
  expect(failed({ at: 'failed', fault: '' })).toMatch(/[a-z]\. (Try again later|Versuche es später erneut)\.$/);
});
