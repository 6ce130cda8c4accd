import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { networkRows } from '../../renderer/views/settings/setting-values.ts';
import { routerFinding } from '../../renderer/views/welcome/newcomer.ts';
import { AppHome } from '../support/app-home.ts';

describe('the first search for a router', () => {
  test('is shown while it runs, and then what it found and how that opens ports', async () => {
    const at = await AppHome.start();
    expect(routerFinding(at.snapshot)).toEqual({ at: 'searching' });
    await at.world.run(inSeconds(30));
    const finding = routerFinding(at.snapshot);
    expect(finding).toMatchObject({ at: 'found', ways: ['igd', 'nat-pmp', 'pcp'], warnings: [], others: 0 });
    expect(finding.at === 'found' ? finding.gateway.externalAddress : '').toBe('11.22.33.44');
    await at.stop();
  });

  test('shows with the router what keeps its ports from being reached', async () => {
    const at = await AppHome.start({ wan: 'none' });
    await at.world.run(inSeconds(30));
    const finding = routerFinding(at.snapshot);
    expect(finding.at === 'found' ? finding.warnings.map(({ code }) => code) : []).toEqual(['no-external-address']);
    await at.stop();
  });

  test('says why there is none once it is over, and searches again when asked', async () => {
    const at = await AppHome.start({ stopped: true });
    expect(routerFinding(at.snapshot)).toEqual({ at: 'searching' });
    await at.world.run(inSeconds(60));
    const finding = routerFinding(at.snapshot);
    expect(finding.at === 'none' ? finding.problem.code : finding.at).toBe('no-gateway');
    await at.do('gateways.search', {});
    await at.world.run(inSeconds(0.5));
    expect(routerFinding(at.snapshot)).toEqual({ at: 'searching' });
    await at.stop();
  });
});

describe('approved networks', () => {
  test('the present one is named by its router while it is not among them', async () => {
    const at = await AppHome.start();
    await at.world.run(inSeconds(30));
    const [gateway] = at.snapshot.engine.gateways;
    const network = { key: '192.168.1.1/24 00:11:22:33:44:55', approved: false };
    const engine = { ...at.snapshot.engine, network };
    expect(networkRows({ ...at.snapshot, engine })).toEqual({ approved: [], unapproved: gateway?.name });
    const other = { key: '10.0.0.1/24 aa:bb:cc:dd:ee:ff', name: 'Café' };
    const home = { key: '192.168.1.1/24 00:11:22:33:44:55', name: 'Home' };
    const settings = { ...at.snapshot.settings, approvedNetworks: [other, home] };
    expect(networkRows({ settings, engine })).toEqual({
      approved: [
        { ...other, here: false },
        { ...home, here: true },
      ],
      unapproved: undefined,
    });
    await at.stop();
  });

  test('without a network there is none to approve', async () => {
    const at = await AppHome.start();
    const { network: _, ...engine } = at.snapshot.engine;
    expect(networkRows({ ...at.snapshot, engine }).unapproved).toBeUndefined();
    await at.stop();
  });
});
