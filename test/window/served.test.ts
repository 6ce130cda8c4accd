import { expect, test } from 'vitest';
import { homeStage } from './stage.ts';

test('the window opens, and the token leaves its address', async () => {
  const stage = await homeStage();
  const { page } = await stage.open();
  await page.waitForFunction(() => document.title !== '');
  expect(page.url()).not.toContain('token');
  expect(await page.title()).toContain('Portkeeper');
});
