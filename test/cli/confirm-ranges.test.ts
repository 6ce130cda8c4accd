/** Large ranges of ports: a question at a terminal, `--yes` elsewhere. */
import { spawn } from 'node:child_process';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { confirmRanges } from '../../main/cli/options/confirm-ranges.ts';
import { InputFault, RefusedFault } from '../../main/cli/output/fault.ts';
import { parsePortSpec } from '../../main/cli/options/port-spec.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { Workplace } from '../support/portkeeper-process.ts';

const ranges = (...texts: string[]) => texts.map(parsePortSpec);

describe('at a terminal', () => {
  const answering = (answer: string) => {
    const asked: string[] = [];
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      return answer;
    };
    return { asked, ask };
  };

  test('the question has the ranges, the count and what follows', async () => {
    const { asked, ask } = answering('y');
    await confirmRanges(ranges('80/tcp', '20000-20999/tcp', '3000-3099'), false, ask);
    expect(asked).toEqual([
      '20000–20999/TCP and 3000–3099/TCP+UDP are large ranges: 1,100 ports together. Most programs need only a few. While they are open, anyone on the internet can reach them.\nForward 1,100 ports? [y/N] ',
    ]);
  });

  test.each(['', 'n', 'no', 'yeah', 'ja'])('%j is no', async (answer) => {
    const { ask } = answering(answer);
    await expect(confirmRanges(ranges('1-65/udp'), false, ask)).rejects.toThrow(RefusedFault);
  });

  test.each(['y', 'Yes', ' yes '])('%j is yes', async (answer) => {
    const { ask } = answering(answer);
    await confirmRanges(ranges('1-65/udp'), false, ask);
  });

  test('nothing is asked about 64 ports, several small ranges, or with --yes', async () => {
    const { asked, ask } = answering('');
    await confirmRanges(ranges('1-64', '100-163', '200-263'), false, ask);
    await confirmRanges(ranges('1-1000'), true, ask);
    expect(asked).toEqual([]);
  });
});

test('without a terminal it is refused, with what to do', async () => {
  await expect(confirmRanges(ranges('20000-20999/tcp'), false, undefined)).rejects.toThrow(InputFault);
});

describe('the command', () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await Workplace.create();
  });
  afterEach(() => place.close());

  /** Names of the profiles that are stored. */
  async function stored(): Promise<readonly unknown[]> {
    const { said } = await place.run(['profile', 'list', '--json']);
    const { profiles }: { readonly profiles?: readonly { readonly name: string }[] } = Object(said[0]);
    return (profiles ?? []).map(({ name }) => name);
  }

  test('profile add asks, says --yes where nobody can be asked, and takes it', async () => {
    const refused = await place.run(['profile', 'add', 'FTP', '20000-20499/tcp']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/large range: 500 ports\. .*Add --yes if you want that\./);
    expect(await stored()).toEqual([]);
    expect((await place.run(['profile', 'add', 'FTP', '20000-20499/tcp', '--yes'])).code).toBe(0);
    expect(await stored()).toEqual(['FTP']);
  });

  test('profile import and open do so, too', async () => {
    const forward = { transports: ['tcp'], external: { first: 1, last: 100 }, internal: { first: 1 } };
    const document = { version: 1, profiles: [{ id: 'p2p', name: 'P2P', on: true, forwards: [forward] }] };
    const file = await place.write('p2p.json', JSON.stringify(document));
    for (const mode of [[], ['--replace']]) {
      const refused = await place.run(['profile', 'import', file, ...mode]);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Add --yes')]);
      expect(await stored()).toEqual([]);
    }
    expect((await place.run(['profile', 'import', file, '--yes'])).code).toBe(0);
    expect(await stored()).toEqual(['P2P']);
    const open = await place.run(['open', '1-100/tcp']);
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('Add --yes')]);
  });

  test('open refuses more than may be open, even with --yes', async () => {
    const { code, stderr } = await place.run(['open', '1-65535', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('These are 131070 ports (TCP and UDP count separately); 10000 at most.');
  });

  test('run refuses a file of too many ports, with the count', async () => {
    const rows = Array.from({ length: 10_001 }, (_, at) => `;${at + 1};TCP;0;x`).join('\n');
    const file = await place.write('all.csv', `address;port;protocol;duration;comment\n${rows}\n`);
    const { code, stderr } = await place.run(['run', '--foreground', '--file', file, '--pid-file', place.path('pid')]);
    expect(code).toBe(2);
    expect(stderr).toContain('the list needs 10001 ports, but the limit is 10000');
  });

  test.skipIf(process.platform !== 'linux')('asks on a real terminal', async () => {
    const args = ['profile', 'add', 'FTP', '20000-20499/tcp', '--data-dir', place.path('data')];
    const quoted = [...PORTKEEPER, ...args].map((word) => `'${word}'`).join(' ');
    for (const [answer, names] of [
      ['n\n', []],
      ['y\n', ['FTP']],
    ] as const) {
      const terminal = spawn('script', ['-qec', quoted, '/dev/null'], { stdio: 'pipe' });
      const ended = new Promise((resolve) => terminal.once('exit', resolve));
      let shown = '';
      terminal.stdout.setEncoding('utf8').on('data', (piece: string) => {
        const before = shown.includes('[y/N]');
        shown += piece;
        if (!before && shown.includes('[y/N]')) terminal.stdin.write(answer);
      });
      const [faults] = await Promise.all([textOf(terminal.stderr), ended]);
      expect(faults).toBe('');
      expect(shown).toContain('Forward 500 ports? [y/N]');
      expect(await stored()).toEqual(names);
    }
  });
});
