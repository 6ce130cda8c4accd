import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputFault } from '../../../main/cli/output/fault.ts';
import { globalOptions } from '../../../main/cli/options/global-options.ts';
import { forwardDefaults, forwardsOf, specifiedPorts } from '../../../main/cli/options/port-spec.ts';

const defaults = {
  label: 'Game',
  families: ['ipv4'],
  ifTaken: 'fail',
} as const;

describe('a word of the command line', () => {
  test('without a protocol, TCP and UDP are meant', () => {
    expect(specifiedPorts('34197')).toEqual([
      {
        text: '34197',
        transports: ['tcp', 'udp'],
        external: { first: 34_197, last: 34_197 },
        internal: { first: 34_197 },
      },
    ]);
  });

  test('a mistake is said once, with its place and the form', () => {
    const fault = caught(() => specifiedPorts('80,abc/tcp'));
    expect(fault).toBeInstanceOf(InputFault);
    expect(fault).toMatchObject({ at: { word: '80,abc/tcp', at: 3, length: 3 } });
    const { message } = fault;
    expect(message).toMatch(/^“abc” is not a port\. .*\nPorts are written EXTERNAL/);
    expect(message.match(/is not a port/g)).toHaveLength(1);
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

describe('several ports', () => {
  test('each becomes a forward, named by what was typed', () => {
    const forwards = forwardsOf(['25565/TCP', '8080:80/tcp'], { ...defaults, gateway: 'fritz' });
    expect(forwards).toMatchObject([
      { id: '25565/tcp', label: 'Game', ifTaken: 'fail', gateway: 'fritz' },
      { id: '8080:80/tcp', external: { first: 8080 }, internal: { first: 80 } },
    ]);
    expect(forwards[0]).not.toHaveProperty('lease');
  });

  test('a list is as many forwards as it has ports and ranges', () => {
    expect(forwardsOf(['80,443/tcp', '8000-8010:9000'], defaults).map(({ id }) => id)).toEqual([
      '80/tcp',
      '443/tcp',
      '8000-8010:9000',
    ]);
  });

  test('options that were not given leave nothing behind', async () => {
    const options = await globalOptions({});
    expect(forwardDefaults({}, options)).toEqual({ label: '', families: ['ipv4'], ifTaken: 'fail' });
    expect(forwardDefaults({ lease: '2h', anyPort: true }, { ...options, gatewayName: 'fritz' })).toEqual({
      label: '',
      families: ['ipv4'],
      ifTaken: 'next-free',
      lease: 7200,
      gateway: 'fritz',
    });
  });

  test('TCP and UDP of one number do not collide', () => {
    expect(forwardsOf(['53/tcp', '53/udp'], defaults)).toHaveLength(2);
  });

  test('one external port cannot be requested twice', () => {
    expect(() => forwardsOf(['27015-27020/udp', '27018'], defaults)).toThrow(
      '“27018” and “27015-27020/udp” both ask for external port 27018/udp. Leave one out.',
    );
    expect(() => forwardsOf(['80,443', '443'], defaults)).toThrow('“443” is there twice. Leave one out.');
  });

  test('overlapping ranges are found wherever they overlap', () => {
    // Two ranges of them are no more than may be asked for at once.
    const low = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(low, low, low, low, (a, b, c, d) => {
        const [one, other] = [
          [Math.min(a, b), Math.max(a, b)],
          [Math.min(c, d), Math.max(c, d)],
        ] as const;
        const overlaps = one[0] <= other[1] && other[0] <= one[1];
        const both = (): unknown => forwardsOf([`${one[0]}-${one[1]}/tcp`, `${other[0]}-${other[1]}/tcp`], defaults);
        if (overlaps) expect(both).toThrow(InputFault);
        else expect(both()).toHaveLength(2);
      }),
      { numRuns: 50 },
    );
  });
});
