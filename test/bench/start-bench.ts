/** How long the packaged app takes until its icon is in the tray, and until its window has content, on a Linux desktop. */
import { Desktop } from '../electron/stage/desktop.ts';
import { until } from '../electron/stage/until.ts';
import { median, msText, table } from './statistics.ts';

interface StartRow {
  readonly what: string;
  readonly samplesMs: readonly number[];
}

export interface StartMeasured {
  /** As the page says. */
  readonly browser: string;
  readonly rows: readonly StartRow[];
}

const ICON = 'its icon is in the tray, started hidden';
const CONTENT = 'its window has content';
const QUIT = 'it has ended, from Quit in the tray';

/** Not the page as it comes, but what the app has drawn in it. */
const HAS_CONTENT = `(document.querySelector('main')?.innerText ?? '').trim() !== ''`;

export async function measureStart(runs: number): Promise<StartMeasured> {
  const samples = new Map<string, number[]>([ICON, CONTENT, QUIT].map((what) => [what, []]));
  const add = (what: string, since: number): void => void samples.get(what)?.push(performance.now() - since);
  const ends: (() => Promise<void>)[] = [];
  let browser = '';
  try {
    // What the first start leaves, such as compiled code, is there from the second on.
    const desktop = await Desktop.start({}, (end) => ends.push(end));
    for (let run = 0; run <= runs; run += 1) {
      const isCounted = run > 0;
      const hidden = performance.now();
      const background = desktop.start(['--demo', '--hidden']);
      await desktop.panel.hasIcon();
      if (isCounted) add(ICON, hidden);
      const asked = performance.now();
      await desktop.panel.choose('Quit Portkeeper');
      await background.end();
      if (isCounted) add(QUIT, asked);
      await forgetIcons(desktop);
      const shown = performance.now();
      const app = desktop.start(['--demo']);
      const page = await app.page();
      await until('content', async () => (await page.evaluate(HAS_CONTENT)) === true);
      if (isCounted) add(CONTENT, shown);
      browser = String(await page.evaluate('navigator.userAgent'));
      await desktop.panel.hasIcon();
      await desktop.panel.choose('Quit Portkeeper');
      await app.end();
      await forgetIcons(desktop);
    }
  } finally {
    for (const end of ends.toReversed()) await end();
  }
  return { browser, rows: [...samples].map(([what, samplesMs]) => ({ what, samplesMs })) };
}

/** The panel keeps those of programs that have ended. */
async function forgetIcons({ panel }: Desktop): Promise<void> {
  await panel.disappear();
  await panel.appear();
}

export function startReport({ browser, rows }: StartMeasured): string {
  return [
    table(
      [
        ['', 'median ms', 'range ms'],
        ...rows.map(({ what, samplesMs }) => [
          what,
          msText(median(samplesMs)),
          `${msText(Math.min(...samplesMs))} ... ${msText(Math.max(...samplesMs))}`,
        ]),
      ],
      1,
    ),
    '',
    `From the start of the process; looked at each 50 ms. ${browser}`,
  ].join('\n');
}
