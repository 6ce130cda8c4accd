/** Forwards withdrawn while the gateway is still being asked. */
import { describe, expect, test } from 'vitest';
import { inMinutes, port, seconds } from '../../main/contract/units.ts';
import { forward, silence, Story } from '../support/story.ts';

const GAME = forward('game', 25_565, { ifTaken: 'next-free' });
const held = (story: Story): readonly number[] =>
  [...story.state.leftovers.values()].map(({ lease }) => lease.external.port).toSorted((a, b) => a - b);

describe('a renewal in flight whose wish is withdrawn', () => {
  const renewing = (): Story => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    story.grant({ lifetime: 3600 });
    return story.want({ ...GAME, lease: seconds(1800) }).want();
  };

  test('and that is granted on another port, leaves both to be closed', () => {
    const story = renewing();
    story.grant({ external: { port: port(40_001) } });
    expect(held(story)).toEqual([25_565, 40_001]);
    const ports = [story.closed(), story.closed()].map(({ key }) => key.external.port);
    expect(ports.toSorted((a, b) => a - b)).toEqual([25_565, 40_001]);
    expect(held(story)).toEqual([]);
  });

  test('and that is granted as it was, leaves one', () => {
    const story = renewing();
    story.grant();
    expect(held(story)).toEqual([25_565]);
    story.closed();
    expect(held(story)).toEqual([]);
  });
});

test('a forward requested once, without an answer, may be held as well', () => {
  const story = new Story().found('igd').searchEnded().want(GAME);
  story.fail('open', silence);
  story.pass(inMinutes(2)).alive();
  story.want();
  story.grant({ external: { port: port(40_001) } });
  expect(held(story)).toEqual([25_565, 40_001]);
});

test('a first opening that is granted on another port leaves that one alone', () => {
  const story = new Story().found('igd').searchEnded().want(GAME).want();
  story.grant({ external: { port: port(40_001) } });
  expect(held(story)).toEqual([40_001]);
});
