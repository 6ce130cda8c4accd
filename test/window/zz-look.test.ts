import { test } from 'vitest';
import { openView, settledStage } from './views.ts';
test('scrolling', async () => {
  const stage = await settledStage();
  const { page } = await openView(stage, 'presets', { width: 1200, height: 800, reducedMotion: false });
  await page.waitForTimeout(1000);
  const result = await page.evaluate(async () => {
    const main = document.querySelector('main');
    const frames: number[] = []; let most = 0; let blank = 0;
    let last = performance.now();
    for (let at = 0; at < 240; at++) {
      main?.scrollBy(0, 70);
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now(); frames.push(now - last); last = now;
      most = Math.max(most, document.querySelectorAll('.preset-row').length);
      const box = main?.getBoundingClientRect();
      const under = box && document.elementFromPoint(box.left + 300, box.top + box.height - 30);
      if (under?.closest('.preset-row, .preset-group h2, h2') === null && under?.closest('.preset-group') !== null) blank += 1;
    }
    const sorted = frames.toSorted((a, b) => a - b);
    return { median: sorted[120], p95: sorted[228], max: sorted.at(-1), most, blank, height: main?.scrollHeight };
  });
  console.log(JSON.stringify(result));
}, 120000);
test.each([[980,'light','de'],[320,'dark','en']] as const)('presets %d', async (width, theme, language) => {
  const stage = await settledStage();
  const staged = await openView(stage, 'presets', { width, theme, language, height: 800 });
  await staged.page.getByRole('searchbox').fill('vpn server');
  await staged.page.waitForTimeout(600);
  await staged.shot(`zz-search-${width}`, false);
}, 60000);
