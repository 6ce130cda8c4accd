/** The window's page, looked at and used as a person does. */
import * as v from 'valibot';
import type { DevTools } from './devtools.ts';
import { until } from './until.ts';

const Targets = v.object({
  targetInfos: v.array(v.object({ targetId: v.string(), type: v.string(), url: v.string() })),
});
const Session = v.object({ sessionId: v.string() });
const Evaluated = v.object({
  result: v.object({ value: v.optional(v.unknown()) }),
  exceptionDetails: v.optional(v.object({ text: v.string() })),
});
const Place = v.object({ x: v.number(), y: v.number() });

/** Milliseconds for a page to say that it is there. */
const ANSWER = 15_000;

export class Page {
  readonly #devtools: DevTools;
  readonly #session: string;

  /** Waits for the window's page. */
  static async of(devtools: DevTools): Promise<Page> {
    return await until('a page in the window', async () => {
      const { targetInfos } = v.parse(Targets, await devtools.ask('Target.getTargets'));
      const target = targetInfos.find(({ type, url }) => type === 'page' && url.startsWith('portkeeper:'));
      if (target === undefined) return undefined;
      const asked = { targetId: target.targetId, flatten: true };
      const { sessionId } = v.parse(Session, await devtools.ask('Target.attachToTarget', asked));
      const page = new Page(devtools, sessionId);
      // One that crashed, or whose process has just been replaced, is listed and never answers: another may by then.
      return (await page.evaluate('document.readyState', ANSWER)) === 'complete' ? page : undefined;
    });
  }

  private constructor(devtools: DevTools, session: string) {
    this.#devtools = devtools;
    this.#session = session;
  }

  /** @param limit milliseconds @throws Error when the expression throws, or takes longer */
  async evaluate(expression: string, limit?: number): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#devtools.ask('Runtime.evaluate', asked, this.#session, limit);
    const { result, exceptionDetails } = v.parse(Evaluated, answer);
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  }

  async text(): Promise<string> {
    return String(await this.evaluate('document.body.innerText'));
  }

  /** Waits until the page shows that text. */
  async shows(text: string | RegExp): Promise<void> {
    await until(`${String(text)} in the window`, async () => {
      const shown = await this.text();
      return typeof text === 'string' ? shown.includes(text) : text.test(shown);
    });
  }

  /** Presses the mouse on the first element of this selector whose name or text matches, once it stands still and nothing
   * covers it: what has just come may still push it away. */
  async click(selector: string, name: RegExp): Promise<void> {
    const find = `(${placeOf})(${JSON.stringify([selector, name.source, name.flags])})`;
    const at = await until(`${selector} ${String(name)}`, async () => {
      const found = await this.evaluate(find);
      return found === null ? undefined : v.parse(Place, found);
    });
    for (const type of ['mouseMoved', 'mousePressed', 'mouseReleased']) {
      const button = type === 'mouseMoved' ? 'none' : 'left';
      await this.#devtools.ask('Input.dispatchMouseEvent', { type, ...at, button, clickCount: 1 }, this.#session);
    }
  }

  /** Lets the page be as if nobody had ever looked at it. */
  async leave(): Promise<void> {
    await this.#devtools.ask('Target.detachFromTarget', { sessionId: this.#session });
  }
}

/** Runs in the page. */
const placeOf = `async ([selector, pattern, flags]) => {
  const name = new RegExp(pattern, flags);
  const textOf = (id) => document.getElementById(id)?.innerText ?? '';
  const namesOf = (element) => [
    element.getAttribute('aria-label') ?? '',
    element.innerText ?? '',
    ...[...(element.labels ?? [])].map((label) => label.innerText),
    ...(element.getAttribute('aria-labelledby') ?? '').split(' ').map(textOf),
  ];
  const found = [...document.querySelectorAll(selector)].find(
    (element) => element.getClientRects().length > 0 && namesOf(element).some((text) => name.test(text.trim())),
  );
  if (found === undefined) return null;
  found.scrollIntoView({ block: 'center' });
  const before = found.getBoundingClientRect();
  await new Promise((done) => setTimeout(done, 100));
  const { x, y, width, height } = found.getBoundingClientRect();
  const at = { x: x + width / 2, y: y + height / 2 };
  const isStill = before.x === x && before.y === y && before.width === width && before.height === height;
  const hit = document.elementFromPoint(at.x, at.y);
  const isReached = hit !== null && (found.contains(hit) || hit.contains(found) || [...(found.labels ?? [])].some((label) => label.contains(hit)));
  return isStill && isReached ? at : null;
}`;
