/** A program of the person's choice that runs when the public address changes. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { programOf } from '../../../main/contract/settings.ts';
import { inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import type { Program, ProgramEnd, System } from '../../../main/system/system.ts';
import { told } from '../../support/activity-talk.ts';
import { AppHome } from '../../support/app-home.ts';

const ANNOUNCE = '/usr/local/bin/announce "to all"';
const DONE: ProgramEnd = { is: 'ended', code: 0, output: 'announced' };

interface Runs {
  readonly runs: Program[];
  readonly at: AppHome;
}

/** @param end of each run; one that does not end waits for the signal */
async function withCommand(end: ProgramEnd | 'never' = DONE, command: string | null = ANNOUNCE): Promise<Runs> {
  const runs: Program[] = [];
  const runProgram: System['runProgram'] = async (program, signal) => {
    runs.push(program);
    if (end !== 'never') return end;
    return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const at = await AppHome.start({ around: (system) => ({ ...system, runProgram }) });
  await at.do('settings.change', { settings: { addressCommand: command } });
  await at.world.run(inMinutes(2));
  return { runs, at };
}

describe('the command for a new address', () => {
  test('runs once when it is set, and with each new address', async () => {
    const { runs, at } = await withCommand();
    expect(runs).toMatchObject([{ file: '/usr/local/bin/announce', args: ['to all'] }]);
    expect(runs[0]?.environment).toMatchObject({ PORTKEEPER_IPV4: '11.22.33.44', PORTKEEPER_OLD_IPV4: '' });
    await at.world.run(inHours(6));
    expect(runs).toHaveLength(1);
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.world.run(inMinutes(3));
    expect(runs[1]?.environment).toMatchObject({
      PORTKEEPER_IPV4: '11.22.33.99',
      PORTKEEPER_OLD_IPV4: '11.22.33.44',
      PORTKEEPER_ROUTER: at.snapshot.engine.gateways[0]?.name,
    });
    expect(runs).toHaveLength(2);
    expect(await told(at)).toContain('command-ran');
    // The same address after a restart is not news.
    await at.stop();
    const again = await at.again();
    await again.world.run(inMinutes(5));
    expect(runs).toHaveLength(2);
    await again.stop();
  });

  test('does not run for a line that is down for a while, nor where no port may be opened', async () => {
    const { runs, at } = await withCommand();
    at.home.router.changeExternalAddress('none');
    await at.world.run(inMinutes(3));
    at.home.router.changeExternalAddress(ip('11.22.33.44'));
    await at.world.run(inMinutes(3));
    expect(runs).toHaveLength(1);
    await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.world.run(inMinutes(10));
    expect(runs).toHaveLength(1);
    await at.do('network.approve', {});
    await at.world.run(inMinutes(2));
    expect(runs).toHaveLength(2);
    await at.stop();
  });

  test.each([
    ['that fails', { is: 'ended', code: 3, output: '' }, { how: 'failed', detail: '3' }],
    ['that is not there', { is: 'not-started', fault: 'ENOENT' }, { how: 'not-started', detail: 'ENOENT' }],
    ['that does not end', 'never', { how: 'too-long', detail: '' }],
  ] as const)('%s is a problem until it runs again', async (_, end, parameters) => {
    const { runs, at } = await withCommand(end);
    await at.world.run(inHours(1));
    expect(runs).toHaveLength(1);
    expect(at.snapshot.problems).toMatchObject([
      { code: 'address-command-failed', parameters: { program: '/usr/local/bin/announce', ...parameters } },
    ]);
    expect(await told(at)).not.toContain('command-ran');
    await at.do('settings.change', { settings: { addressCommand: null } });
    await at.world.run(inSeconds(1));
    expect(at.snapshot.problems).toEqual([]);
    await at.stop();
  });

  test('of an imported file is not taken, and what is set here stays', async () => {
    const { at } = await withCommand();
    const document = { version: 1, profiles: [], settings: { theme: 'dark', addressCommand: '/bin/evil' } };
    const text = JSON.stringify(document);
    const { left } = await at.do('profiles.import-text', { text, name: 'A.json', mode: 'replace', confirmed: 'all' });
    await at.do('profiles.import', { document, mode: 'replace', confirmed: 'all' });
    expect(left).toEqual([{ what: 'address-command', entries: 1 }]);
    expect(at.snapshot.settings).toMatchObject({ theme: 'dark', addressCommand: ANNOUNCE });
    await at.stop();
  });
});

test.each([
  ['/bin/echo a  "b c" \'"d"\'', { file: '/bin/echo', args: ['a', 'b c', '"d"'] }],
  ['"C:\\Program Files\\a.exe" /q', { file: 'C:\\Program Files\\a.exe', args: ['/q'] }],
  ["/bin/echo $HOME; rm -rf '*'", { file: '/bin/echo', args: ['$HOME;', 'rm', '-rf', '*'] }],
  ['/bin/echo ""', { file: '/bin/echo', args: [''] }],
  ['/bin/echo "open', undefined],
  ['echo a', undefined],
  ['', undefined],
])('the line %s', (line, program) => {
  expect(programOf(line)).toEqual(program);
});
