/** The cost of many profiles in the window, in a real browser: see test/window/bench. */
import { resolve } from 'node:path';
import { array, number, object, parse, record, string, type InferOutput } from 'valibot';
import { NODE, run } from '../peers/lab/process.ts';
import { median, msText, percentText, ratioText, table } from './statistics.ts';

const sampleSchema = object({ took: number(), work: number(), missed: number() });
const schema = object({
  browser: string(),
  frameMs: number(),
  profiles: number(),
  forwards: number(),
  snapshotBytes: number(),
  painted: record(string(), array(sampleSchema)),
  frames: record(string(), object({ lengths: array(number()), work: number() })),
});

type WindowMeasured = InferOutput<typeof schema>;

/** It ends on its own long before, however slow the machine. */
const PATIENCE_MS = 180_000;

/** The row that the others are compared with. */
const FIRST = 'first snapshot';

/** @throws Error when the window did not show what it was given */
export async function measureWindow(): Promise<WindowMeasured> {
  const script = resolve(import.meta.dirname, '../window/bench/measure.ts');
  const { code, stdout, stderr } = await run([NODE, script], { timeoutMs: PATIENCE_MS });
  if (code !== 0) throw new Error(`the window could not be measured: ${stderr}`);
  return parse(schema, JSON.parse(stdout));
}

export function windowReport(measured: WindowMeasured): string {
  const { frameMs, painted, frames, profiles, forwards, snapshotBytes, browser } = measured;
  const first = median((painted[FIRST] ?? []).map(({ work }) => work));
  const paints = Object.entries(painted).map(([what, samples]) => {
    const took = median(samples.map((each) => each.took));
    const work = median(samples.map((each) => each.work));
    const late = samples.filter(({ missed }) => missed > 0).length / samples.length;
    return [
      what,
      String(samples.length),
      msText(took),
      ratioText(took, frameMs),
      percentText(late),
      msText(work),
      ratioText(work, frameMs),
      what === FIRST ? '' : ratioText(work, first),
    ];
  });
  const scrolls = Object.entries(frames).map(([what, { lengths, work }]) => [
    what,
    String(lengths.length),
    percentText(lengths.filter((length) => length > 1.5 * frameMs).length / lengths.length),
    ratioText(Math.max(...lengths), frameMs),
    msText(work / lengths.length),
    ratioText(work / lengths.length, frameMs),
  ]);
  return [
    table([['', 'samples', 'painted ms', 'to frame', 'late', 'work ms', 'to frame', 'to first'], ...paints], 1),
    '',
    table([['while this is scrolled', 'frames', 'over budget', 'longest', 'work ms', 'to frame'], ...scrolls], 1),
    '',
    `The built window with ${profiles} profiles and ${forwards} forwards (${snapshotBytes} bytes a snapshot), in Chromium ${browser};`,
    `a frame is ${msText(frameMs)} ms. Medians. "painted": from handing the snapshot over as text, just after a frame, or from`,
    'the key, until the frame that shows it is painted: 1 x is the next frame. "late": the next frame did not show it.',
    '"work": what the page\'s main thread takes of the processor meanwhile, whoever else uses the machine. "over budget": half',
    'a frame longer than a frame. Where "nothing" and "a page of plain lines" are over budget, the machine is.',
  ].join('\n');
}
