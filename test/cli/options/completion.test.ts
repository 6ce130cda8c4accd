/** `portkeeper completion`, asked directly and by real shells, as far as this machine has them. */
import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidatesFor } from '../../../main/cli/commands/command-completion.ts';
import { COMMANDS } from '../../../main/cli/commands/commands.ts';
import { PORTKEEPER } from '../../peers/lab/portkeeper.ts';
import { Workplace } from '../../support/portkeeper-process.ts';

const names = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await candidatesFor(words, COMMANDS, () => Promise.resolve([['web', 'Web server']]))).map(([name]) => name);

describe('candidates', () => {
  test('are commands, and then what the command takes', async () => {
    expect(await names('')).toEqual(COMMANDS.map(({ name }) => name));
    expect(await names('profile', '')).toContain('use-port');
    expect(await names('profile', 'on', '')).toEqual(['web']);
    expect(await names('with', '')).toEqual(expect.arrayContaining(['web', 'minecraft']));
    expect(await names('open', '--json', '')).toEqual([]);
    expect(await names('settings', 'set', 'onQuit', '')).toEqual(['close', 'keep', 'default']);
    expect(await names('no-such', '')).toEqual([]);
  });

  test('are options, and the values of the one before', async () => {
    expect(await names('open', '--')).toEqual(expect.arrayContaining(['--preset', '--router', '--help']));
    expect(await names('open', '--')).not.toContain('--pxp-port');
    expect(await names('--protocol', '')).toEqual(['auto', 'upnp', 'pcp', 'natpmp']);
    expect(await names('list', '--protocol', '=', 'p')).toContain('pcp');
    expect(await names('run', '--format', '')).toEqual(['csv', 'json']);
    expect(await names('run', '-f', '')).toEqual([':files']);
    expect(await names('--data-dir', '')).toEqual([':folders']);
    expect(await names('with', 'web', '--', '')).toEqual([':files']);
  });
});

describe('a shell', () => {
  let place: Workplace;
  beforeAll(async () => {
    place = await Workplace.create();
    const words = PORTKEEPER.map((word) => `'${word}'`).join(' ');
    await chmod(await place.write('portkeeper', `#!/bin/sh\nexec ${words} "$@"\n`), 0o755);
  });
  afterAll(() => place.close());

  function has(shell: string): boolean {
    try {
      execFileSync(shell, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  /** Its output, with `portkeeper` on its path and the script that completes it in `$1`. */
  async function asked(shell: string, code: string): Promise<string> {
    const { stdout } = await place.run(['completion', shell]);
    const script = await place.write(`script.${shell}`, `${stdout}\n`);
    const env = { ...process.env, PATH: `${place.folder}:${process.env['PATH'] ?? ''}` };
    const { stdout: said, stderr } = await place.spawn([shell, '-c', code, shell, script], { env }).ended();
    expect(stderr).toBe('');
    return said;
  }

  test.skipIf(!has('bash'))('bash', async () => {
    const code =
      'source "$1"; COMP_WORDS=(portkeeper open --preset minecraft-b); COMP_CWORD=3; _portkeeper; echo "${COMPREPLY[@]}"';
    expect(await asked('bash', code)).toBe('minecraft-bedrock');
  });

  test.skipIf(!has('fish'))('fish', async () => {
    const code = 'source $argv[2]; complete -C "portkeeper settings set pau"';
    expect(await asked('fish', code)).toMatch(/^paused\tClose all ports/);
  });

  test.skipIf(!has('zsh'))('zsh', async () => {
    const code =
      'compdef() {}; _describe() { print -l -- "${(P)2[@]}"; }; source "$1"; words=(portkeeper profile us); CURRENT=3; _portkeeper';
    expect(await asked('zsh', code)).toMatch(/^use-port:use another external port$/m);
  });

  test('of another name is refused with those that there are', async () => {
    const { code, stderr } = await place.run(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('“tcsh” is not a shell. Use bash, zsh, fish or powershell.');
  });
});
