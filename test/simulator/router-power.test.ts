import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { ROUTER, scene } from './router-talk.ts';

const epochOf = (answer: string): number => Number.parseInt(answer.slice(8, 16), 16);

describe('a reboot', () => {
  it('forgets everything, moves the HTTP port, starts a new epoch', async () => {
    const { talk, home, router, world } = await scene();
    await home.serve(home.client, 'tcp', 8080);
    await talk.add();
    await talk.datagram('0001 0000 1388 1388 00001c20');
    await world.run(inMinutes(5));
    const before = router.location;
    router.reboot();
    expect(router.powered).toBe(false);
    expect(router.location).toBe('');
    expect(await talk.datagram('0000')).toBe('silence');
    expect(await home.whoAnswers('tcp', 8080)).toBeUndefined();
    await world.run(inMinutes(1));
    expect(router.powered).toBe(true);
    expect(router.location).not.toBe(before);
    expect(router.table()).toEqual([]);
    expect(epochOf(await talk.datagram('0000'))).toBeLessThan(60);
    expect(await home.whoAnswers('tcp', 8080)).toBeUndefined();
  });

  it('can keep the table, by wish or by nature (L14)', async () => {
    for (const kept of ['survives-reboot', 'miniupnpd'] as const) {
      const { talk, home, router, world } = await scene(kept);
      await home.serve(home.client, 'tcp', 8080);
      await talk.add();
      router.reboot(kept === 'miniupnpd' ? { keepTable: true } : {});
      await world.run(inMinutes(1));
      expect(await home.whoAnswers('tcp', 8080)).toBe('client');
    }
  });

  it('ends what was under way, and power decides', async () => {
    const { router, world, talk } = await scene();
    router.reboot();
    router.powerOff();
    await world.run(inMinutes(5));
    expect(router.powered).toBe(false);
    router.powerOn();
    await world.finish(router.ready());
    expect((await talk.add()).status).toBe(200);
    router.reboot({ downFor: millis(0) });
    router.reboot({ downFor: inSeconds(10) });
    await world.run(inSeconds(5));
    expect(router.powered).toBe(false);
    await world.run(inSeconds(6));
    expect(router.powered).toBe(true);
  });

  it('draws a new name where routers do (D13, D15)', async () => {
    const { talk, router, world } = await scene('new-udn-each-boot');
    const describe = async () => (await talk.get(new URL(router.location).pathname)).match(/<UDN>([^<]*)/)?.[1];
    const first = [await describe(), new URL(router.location).pathname];
    router.reboot();
    await world.run(inMinutes(1));
    const second = [await describe(), new URL(router.location).pathname];
    expect(first[0]).not.toBe(second[0]);
    expect(first[1]).not.toBe(second[1]);
  });
});

describe('a restart of the daemon', () => {
  it('refuses connections for a moment, and the rules may go on', async () => {
    const { talk, home, router, world } = await scene();
    await home.serve(home.client, 'tcp', 8080);
    await talk.add();
    router.restartDaemon({ keepTable: true });
    await world.run(inSeconds(0.5));
    expect(await talk.datagram('0000')).toBe('refused');
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');
    await world.run(inSeconds(2));
    expect(epochOf(await talk.datagram('0000'))).toBeLessThan(10);
    expect((await talk.entry(0)).status).toBe(200);
    router.restartDaemon();
    await world.run(inSeconds(2));
    expect(router.table()).toEqual([]);
  });
});

describe('a new external address', () => {
  it('is announced ten times with growing pauses, and restarts the epoch though nothing is lost (L21)', async () => {
    const { talk, router, world } = await scene();
    await talk.add();
    await world.run(inMinutes(10));
    const changed = world.now;
    const heard = await talk.eavesdrop('224.0.0.1', 5350, () => router.changeExternalAddress(ip('22.33.44.55')), 300);
    expect(new Set(heard.map(({ from }) => from))).toEqual(new Set([`${ROUTER}:5351`]));
    const natPmp = heard.filter(({ hex }) => hex.startsWith('0080'));
    const pcp = heard.find(({ hex }) => hex.startsWith('0280'));
    expect(natPmp[0]?.hex).toBe('008000000000000016212c37');
    expect(pcp?.hex).toMatch(/^0280000000000000000000000{24}$/);
    const moments = natPmp.map(({ at = 0 }) => Math.round(Math.abs(at - changed) / 250) * 250);
    expect(moments).toEqual([0, 250, 750, 1750, 3750, 7750, 15_750, 31_750, 63_750, 127_750]);
    expect(router.table()).toHaveLength(1);
    expect((await talk.soap('GetExternalIPAddress')).value('NewExternalIPAddress')).toBe('22.33.44.55');
  });

  it('none at all: nothing can be mapped until it is back (N4, L17)', async () => {
    const { talk, router } = await scene();
    router.changeExternalAddress('none');
    expect((await talk.soap('GetStatusInfo')).value('NewConnectionStatus')).toBe('Disconnected');
    expect((await talk.add()).code).toBe(501);
    expect(await talk.datagram('0000')).toMatch(/^00800003/);
    router.changeExternalAddress(ip('11.22.33.44'));
    expect((await talk.add()).status).toBe(200);
  });

  it('none for a moment: some routers map nothing more until their daemon restarts (L17)', async () => {
    const { talk, router, world } = await scene('drop-is-final');
    router.changeExternalAddress('none');
    router.changeExternalAddress(ip('11.22.33.44'));
    expect((await talk.add()).code).toBe(501);
    router.restartDaemon();
    await world.run(inSeconds(5));
    expect((await talk.add()).status).toBe(200);
  });

  it('announces nothing where the router is silent', async () => {
    const { talk, router } = await scene(personality('no-announce', { protocols: { igd: false } }));
    expect(await talk.eavesdrop('224.0.0.1', 5350, () => router.changeExternalAddress(ip('22.33.44.55')), 60)).toEqual(
      [],
    );
  });
});

describe('an orderly stop', () => {
  it('says goodbye and leaves nothing running', async () => {
    const { router, world, talk } = await scene();
    await world.run(inMinutes(5));
    let heard: readonly { header(name: string): string | undefined }[] = [];
    heard = await talk.eavesdrop('239.255.255.250', 1900, () => world.finish(router.stop()), 5);
    expect(heard.map((each) => each.header('NTS'))).toContain('ssdp:byebye');
    expect(world.pending().filter(({ what }) => what.startsWith('router'))).toEqual([]);
  });
});
