import { expect, test } from 'vitest';
import { ip, type IpAddress } from '../../../main/contract/address.ts';
import { inMinutes } from '../../../main/contract/units.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

const METS = ['192.168.1.30', '192.168.1.9', '192.168.1.1', '192.168.1.10', '10.9.9.9', '8.8.8.8'].map(ip);
const NAMES: ReadonlyMap<IpAddress, string> = new Map([[ip('192.168.1.9'), 'nas']]);

test('devices met at home are offered by name, in order; the router, this computer and strangers are not', async () => {
  const at = await AppHome.start({
    around: (system) => ({
      ...system,
      routes: { ...system.routes, neighbours: async () => METS },
      nameOf: async (address) => NAMES.get(address),
    }),
  });
  await at.world.run(inMinutes(1));
  expect((await at.do('devices.list', {})).devices).toEqual([
    { address: '192.168.1.9', name: 'nas' },
    { address: '192.168.1.30', name: '' },
  ]);
  await at.stop();
});

test('devices read from a router are known, too, and cost it no further request', async () => {
  const at = await AppHome.start();
  at.home.router.addMapping({
    transport: 'tcp',
    externalPort: 3074,
    internalClient: ip('192.168.1.77'),
    internalPort: 3074,
    description: 'xbox',
    expiresAt: 'never',
    owner: 'igd',
  });
  await at.add('Web', [tcp(80)], true);
  await at.world.run(inMinutes(1));
  const [gateway] = at.snapshot.engine.gateways;
  if (gateway === undefined) throw new Error('no router was found');
  expect((await at.do('devices.list', {})).devices).toEqual([]);
  await at.do('gateway.list', { gateway: gateway.id });
  const { used } = at.snapshot.engine.gateways[0]?.budget ?? {};
  expect((await at.do('devices.list', {})).devices).toEqual([{ address: '192.168.1.77', name: 'xbox' }]);
  expect(at.snapshot.engine.gateways[0]?.budget.used).toBe(used);
  await at.stop();
});
