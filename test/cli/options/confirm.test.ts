/** Confirmation before ports are opened: a question at a terminal, `--yes` elsewhere. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../../main/contract/commands.ts';
import { openingQuestions, unanswered, type Confirmed } from '../../../main/contract/profiles/opening-questions.ts';
import { commandFault } from '../../../main/contract/words/faults.ts';
import { withQuestions } from '../../../main/cli/options/confirm.ts';
import { RefusedFault } from '../../../main/cli/output/fault.ts';
import { specifiedPorts } from '../../../main/cli/options/port-spec.ts';
import { PORTKEEPER } from '../../peers/lab/portkeeper.ts';
import { Workplace } from '../../support/portkeeper-process.ts';

/** An engine that takes these ports once all is answered. */
function engine(...texts: string[]): (confirmed: Confirmed) => Promise<Answer<string>> {
  return async (confirmed) => {
    const questions = unanswered(openingQuestions(texts.flatMap(specifiedPorts)), confirmed);
    if (questions.length === 0) return { ok: true, value: 'open' };
    return { ok: false, fault: commandFault('unconfirmed', '', { code: 'confirm-first', parameters: { questions } }) };
  };
}

describe('at a terminal', () => {
  const answering = (answer: string) => {
    const asked: string[] = [];
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      return answer;
    };
    return { asked, ask };
  };

  test('one question says all, and one yes answers it', async () => {
    const { asked, ask } = answering('y');
    const ports = engine('80/tcp', '20000-20999/tcp', '3000-3099', '2222:22/tcp');
    expect(await withQuestions([], ports, ask)).toEqual({ ok: true, value: 'open' });
    expect(asked).toEqual([
      'SSH (port 22): attackers guess passwords around the clock. Safer: allow keys only, or use a VPN.\nAnother external port is no protection: all ports are searched.\n20000–20999/TCP and 3000–3099/TCP+UDP are large ranges: 1,100 ports together. Most programs need only a few. While they are open, anyone on the internet can reach them.\nOpen these ports? [y/N] ',
    ]);
  });

  test.each(['', 'n', 'no', 'yeah', 'ja'])('%j is no', async (answer) => {
    const { ask } = answering(answer);
    await expect(withQuestions([], engine('1-65/udp'), ask)).rejects.toThrow(RefusedFault);
  });

  test.each(['y', 'Yes', ' yes '])('%j is yes', async (answer) => {
    const { ask } = answering(answer);
    expect(await withQuestions([], engine('1-65/udp'), ask)).toMatchObject({ ok: true });
  });

  test('nothing is asked about 64 ports, several small ranges, or with --yes', async () => {
    const { asked, ask } = answering('');
    await withQuestions([], engine('201-264', '300-363', '400-463/udp'), ask);
    await withQuestions('all', engine('1-1000'), ask);
    expect(asked).toEqual([]);
  });
});

test('without a terminal the refusal says what to do', async () => {
  const answer = await withQuestions([], engine('3389/tcp'), undefined);
  expect(answer).toMatchObject({
    ok: false,
    fault: { message: expect.stringMatching(/^Remote Desktop \(port 3389\): .*Add --yes if you want that\.$/) },
  });
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
    expect(stderr).toContain('These are 131070 ports (TCP and UDP count separately); the limit is 10000.');
  });

  test('run does so before it goes to the background', async () => {
    const router = await place.demoRouter();
    const file = await place.write('ports.csv', 'address;port;protocol;duration;comment\n;22;TCP;60;x\n');
    const args = ['run', '--file', file, '--pid-file', place.path('pid'), ...router.upnp];
    const refused = await place.run(args);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/^SSH \(port 22\): .*Add --yes/)]);
    expect((await place.run([...args, '--foreground', '--oneshot'])).code).toBe(2);
    const opened = await place.run([...args, '--foreground', '--oneshot', '--yes']);
    expect([opened.code, opened.stdout]).toEqual([0, expect.stringMatching(/^open +22\/tcp/m)]);
  });

  test('a preset says itself what is dangerous about it', async () => {
    const router = await place.demoRouter();
    const { code, stdout, stderr } = await place.run(['open', '--preset', 'ssh', '--once', ...router.upnp]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^open +22\/tcp/m)]);
    expect(stderr).toMatch(/^SSH.*: .*VPN/m);
  });

  test('with does not run its command before it is answered', async () => {
    const forwards = [{ transports: ['tcp'], external: { first: 22, last: 22 }, internal: { first: 22 } }];
    await mkdir(place.path('data'));
    const document = { version: 1, profiles: [{ id: 'shell', name: 'Shell', forwards }] };
    await writeFile(place.path('data', 'profiles.json'), JSON.stringify(document));
    const { code, stdout, stderr } = await place.run([
      'with',
      'shell',
      '--data-dir',
      place.path('data'),
      '--',
      'echo',
      'x',
    ]);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('Add --yes')]);
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
