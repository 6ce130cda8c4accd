/** Where options may stand, and under which heading help lists them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.create();
  await place.run(['profile', 'add', 'Web', '8080/tcp', '--data-dir', 'here']);
});
afterAll(() => place.close());

describe('options of every command', () => {
  test.each([
    ['before the command', ['--data-dir', 'here', '--json', 'profile', 'list']],
    ['within it', ['profile', '--json', '--data-dir', 'here', 'list']],
    ['after it', ['profile', 'list', '--json', '--data-dir', 'here']],
    ['twice: the last one counts', ['--data-dir', 'elsewhere', 'profile', 'list', '--json', '--data-dir', 'here']],
  ])('may stand %s', async (_where, args) => {
    const { code, said } = await place.spawn([...PORTKEEPER, ...args]).ended();
    expect(code).toBe(0);
    expect(said).toMatchObject([{ profiles: [{ name: 'Web' }] }]);
  });
});

describe('help', () => {
  test.each([
    ['add', ['--on', '--any-port', '--lease <TIME>']],
    ['import', ['--replace']],
    ['export', ['--format <FORMAT>']],
  ])('of profile %s lists its own options apart from those of every command', async (name, options) => {
    const { stdout } = await place.run(['profile', name, '--help']);
    const [own = '', rest = ''] = stdout.split('For every command:\n');
    const [common = ''] = rest.split('\n\n');
    for (const option of options) {
      expect(own).toContain(option);
      expect(common).not.toContain(`${option} `);
    }
    expect(common).toContain('--data-dir <FOLDER>');
  });
});
