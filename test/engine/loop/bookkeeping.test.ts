/** The journal at each moment is what a crash at that moment would leave for the next start. */
import { describe, expect, test } from 'vitest';
import { port, seconds } from '../../../main/contract/units.ts';
import type { Event } from '../../../main/core/events.ts';
import { reduce } from '../../../main/core/reduce.ts';
import { Bookkeeping } from '../../../main/engine/loop/journal.ts';
import type { Log } from '../../../main/system/system.ts';
import { listLog } from '../../support/list-log.ts';
import { EngineHome, forward as homeForward } from '../../support/engine-home.ts';
import { forward, Story } from '../../support/story.ts';

const silent: Log = { write: () => undefined };
const GAME = forward('game', 25_565, { ifTaken: 'next-free' });

class Books {
  readonly story = new Story().found('pcp').searchEnded();
  readonly records = listLog();
  readonly books = new Bookkeeping(this.records, silent, this.story.now, () => undefined);

  /** The next opening leaves; what it asks for is on record. */
  async asks() {
    const action = this.story.next('open');
    await this.books.opening([action], this.story.state);
    return action;
  }

  async grants(action: Awaited<ReturnType<Books['asks']>>, external: number): Promise<void> {
    const { story } = this;
    const event: Event = {
      type: 'granted',
      at: story.now,
      random: 0,
      request: action.request,
      grant: {
        external: { port: port(external) },
        internal: action.wish.internal,
        lease: seconds(7200),
        handle: {},
        evidence: 'answered',
      },
    };
    const before = story.state;
    this.books.reduced(event, before, reduce(before, event));
    await this.books.flush();
    story.tell(event);
  }

  /** Outside ports that a start after a crash would know of. */
  async recovered(): Promise<readonly number[]> {
    const leases = await new Bookkeeping(this.records, silent, this.story.now, () => undefined).load(this.story.now);
    return leases.map(({ lease }) => lease.external.port).toSorted((a, b) => a - b);
  }
}

describe('an opening that is withdrawn before it is answered', () => {
  test('and granted on another port than requested, is on record as granted', async () => {
    const at = new Books();
    at.story.want(GAME);
    const asked = await at.asks();
    at.story.want();
    await at.grants(asked, 40_001);
    expect(await at.recovered()).toEqual([40_001]);
  });

  test('and wanted again, is on record on the port that it has', async () => {
    const at = new Books();
    at.story.want(GAME);
    const asked = await at.asks();
    at.story.want();
    at.story.want(GAME);
    await at.grants(asked, 40_001);
    expect(await at.recovered()).toEqual([40_001]);
  });

  test('and wanted again, and granted as requested, stays on record', async () => {
    const at = new Books();
    at.story.want(GAME);
    const asked = await at.asks();
    at.story.want();
    at.story.want(GAME);
    await at.grants(asked, 25_565);
    expect(await at.recovered()).toEqual([25_565]);
  });

  test('while it was being renewed, wanted again, and renewed on another port, is on record on both', async () => {
    const at = new Books();
    at.story.want(GAME);
    await at.grants(await at.asks(), 25_565);
    at.story.want({ ...GAME, lease: seconds(1800) });
    const renewal = await at.asks();
    at.story.want();
    at.story.want(GAME);
    await at.grants(renewal, 40_001);
    expect(await at.recovered()).toEqual([25_565, 40_001]);
  });

  test('while it was being renewed, and renewed on another port, is on record on both', async () => {
    const at = new Books();
    at.story.want(GAME);
    await at.grants(await at.asks(), 25_565);
    at.story.want({ ...GAME, lease: seconds(1800) });
    const renewal = await at.asks();
    at.story.want();
    await at.grants(renewal, 40_001);
    expect(await at.recovered()).toEqual([25_565, 40_001]);
  });
});

test('when a run has ended, all that it knew is on the disk', async () => {
  const at = await EngineHome.start();
  await at.want(homeForward('game', 25_565));
  await at.want();
  expect(at.table).toEqual([]);
  // At once: the word that it was closed is still being written.
  await at.stop();
  const { storage, system } = at.home.client;
  const next = new Bookkeeping(storage.log('journal'), silent, at.snapshot.at, () => undefined);
  expect(await at.world.finish(next.load(system.clock.now()))).toEqual([]);
});
