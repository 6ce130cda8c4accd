/** How a gateway is named to people. */
import { expect, test } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { AppHome } from '../support/app-home.ts';

test.each([
  [{ manufacturer: 'Debian', modelName: 'Debian router', modelNumber: '1' }, 'Debian router 1'],
  [{ manufacturer: 'TP-Link', modelName: 'TP-LINK Archer C7', modelNumber: 'C7' }, 'TP-LINK Archer C7'],
  [{ manufacturer: 'AVM Berlin', modelName: 'FRITZ!Box 7590', modelNumber: 'avm' }, 'AVM Berlin FRITZ!Box 7590 avm'],
  [{ manufacturer: 'Net', modelName: 'Netgear R7000', modelNumber: '' }, 'Net Netgear R7000'],
  [{ manufacturer: 'Acme', modelName: 'R1', modelNumber: '11' }, 'Acme R1 11'],
])('a model of %j is shown as %s, once each', async (device, shown) => {
  const at = await AppHome.start({ router: personality({ device: { friendlyName: '', ...device } }) });
  await at.world.run(inSeconds(30));
  const [gateway] = at.snapshot.engine.gateways;
  expect(gateway?.model).toBe(shown);
  expect(gateway?.name).toBe(shown);
  // Its remembered workarounds are found under the name that it gives itself.
  expect(gateway?.fingerprint).toContain([device.manufacturer, device.modelName, device.modelNumber].join(' ').trim());
  await at.stop();
});
