/** The ways out that refusals name, typed as they name them. */
import { expect, test } from 'vitest';
import { atOneRouter, codeOf } from './at-one-router.ts';

const at = atOneRouter();

test('requests another external port when one is taken, as the refusal says', async () => {
  at.router.addForeign(3074);
  await at.place.run(['profile', 'add', 'Console', '3074/tcp', '--on']);
  expect(codeOf(await at.place.run(['retry']))).toBe(1);
  const serving = at.place.start(['serve', '--json', ...at.router.upnp]);
  await serving.until('serving');
  await serving.until('mapping', ({ status }) => status === 'refused');
  expect((await at.place.run(['retry'])).stdout).toContain('Retrying ports');
  const { stdout } = await at.place.run(['profile', 'on', 'console']);
  const [, id, suggestion] = /^ {4}portkeeper profile use-port (console\/1) (\d+) --data-dir \S+$/m.exec(stdout) ?? [];
  const changed = await at.place.run(['profile', 'use-port', id ?? '', suggestion ?? '']);
  expect(changed.stdout).toContain('Console (console): on, open');
  expect(codeOf(changed)).toBe(0);
  expect(at.router.table).toContain(`${suggestion}/tcp`);
  await serving.interrupt();
});

test('another external port is requested by its position, when there are several', async () => {
  await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp', '19132/udp']);
  const which = await at.place.run(['profile', 'use-port', 'minecraft', '19133']);
  expect(codeOf(which)).toBe(2);
  expect(which.stderr).toContain('Use one of: minecraft/1, minecraft/2.');
  expect(codeOf(await at.place.run(['profile', 'use-port', 'minecraft/3', '19133']))).toBe(2);
  expect(codeOf(await at.place.run(['profile', 'use-port', 'minecraft/2', '70000']))).toBe(2);
  expect(codeOf(await at.place.run(['profile', 'use-port', 'MINECRAFT/2', '19133']))).toBe(0);
  expect((await at.place.run(['profile', 'list'])).stdout).toContain('25565/tcp 19133:19132/udp');
});

test('lets ports be opened on a network that is not approved yet', async () => {
  await at.place.run(['profile', 'add', 'Web', '8080/tcp', '--on']);
  const document = JSON.parse((await at.place.run(['profile', 'export'])).stdout) as object;
  const careful = JSON.stringify({ ...document, settings: { onlyApprovedNetworks: true } });
  await at.place.run(['profile', 'import', '--replace', '-'], careful);
  expect(codeOf(await at.place.run(['approve']))).toBe(1);
  const serving = at.place.start(['serve', '--json', ...at.router.upnp]);
  await serving.until('mapping', ({ status, waitsFor }) => status === 'waiting' && waitsFor === 'approval');
  const { stdout } = await at.place.run(['approve']);
  expect(stdout).toMatch(/^This network is approved\. Approved networks: \S.*\.$/);
  await serving.until('mapping', ({ status }) => status === 'open');
  await serving.interrupt();
});
