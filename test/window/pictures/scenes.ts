/** Scenes for the pictures: homes as people have them, on a virtual clock. */
import { ip, type IpAddress } from '../../../main/contract/address.ts';
import type { ForwardInput } from '../../../main/contract/profiles/profile.ts';
import { elapsed, epochMs, inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';
import { entryAt } from '../../support/app-router.ts';
import { testHost } from '../../support/test-host.ts';

const ROUTER = personality({
  device: { friendlyName: 'Home router', manufacturer: 'Example', modelName: 'Home router', modelNumber: '' },
});
const MIDNIGHT = epochMs(Date.parse('2026-03-01T00:00:00+01:00'));
const MEDIA_SERVER = '192.168.1.11';

const LONG_NAME = 'Fernwartung der Wetterstation auf dem Dach des Gartenhauses neben dem Apfelbaum';

const labelled = (label: string, forward: ForwardInput): ForwardInput => ({ ...forward, label });

const MINECRAFT = [labelled('Game', tcp(25_565)), labelled('Simple Voice Chat', udp(24_454))];
const VALHEIM = [labelled('Game', udp(2456, 2457))];
const JELLYFIN = [labelled('Web and apps', { ...tcp(8096), internal: { first: 8096, client: MEDIA_SERVER } })];
const WIREGUARD = [labelled('Tunnel', udp(51_820))];

/** Nobody has done anything yet. */
export async function newcomer(): Promise<AppHome> {
  const home = await AppHome.start({ router: ROUTER, host: () => testHost({ kind: 'desktop' }) });
  await home.world.run(inSeconds(30));
  return home;
}

/** One program can be reached. */
export async function beginner(seen: Seen = {}): Promise<AppHome> {
  const home = await settled(seen);
  await home.add('Jellyfin', JELLYFIN, true);
  await home.world.run(inMinutes(2));
  return home;
}

/** Three programs can be reached; a fourth is there for another time. */
export async function usualEvening(): Promise<AppHome> {
  const home = await settled();
  await home.add('Minecraft', MINECRAFT, true);
  await home.add('Valheim', VALHEIM, true);
  await home.add('Jellyfin', JELLYFIN, true);
  await home.add('WireGuard', WIREGUARD);
  await home.world.until(() => home.table.length === 5, inSeconds(60), 'everything open');
  await home.world.run(inMinutes(38));
  return home;
}

/** As {@link usualEvening}, and others use the router, too. */
export async function busyRouter(): Promise<AppHome> {
  const home = await usualEvening();
  const { router } = home.home;
  router.addMapping(entryAt(3074, { transport: 'udp', description: 'Console', internalClient: ip('192.168.1.23') }));
  router.addMapping(entryAt(9000, { description: 'Camera', internalClient: ip('192.168.1.40') }));
  router.addMapping(
    entryAt(51_413, { description: 'Transmission', internalClient: ip('192.168.1.10'), internalPort: 51_413 }),
  );
  return home;
}

/** Fifty profiles, most of one port; long names here and in the router. */
export async function crowded(): Promise<AppHome> {
  const home = await settled();
  const { router } = home.home;
  await home.add(LONG_NAME, [labelled('Messwerte und Kamera der Wetterstation', tcp(8443))], true);
  await home.add(LONG_NAME.replaceAll(' ', ''), [labelled(LONG_NAME.replaceAll(' ', ''), udp(40_000, 40_099))], true);
  await home.add('Minecraft', MINECRAFT, true);
  for (let at = 4; at <= 50; at++) {
    const forward = at % 4 === 0 ? udp(20_000 + at) : tcp(20_000 + at);
    await home.add(`Server ${at}`, at % 9 === 0 ? [forward, tcp(30_000 + at)] : [forward], at % 3 !== 0);
  }
  const theirs = { description: LONG_NAME, internalClient: ip('192.168.1.23') };
  for (let at = 0; at < 5; at++) router.addMapping(entryAt(9000 + at, theirs));
  router.addMapping(entryAt(9100, { ...theirs, description: LONG_NAME.replaceAll(' ', '').slice(0, 60) }));
  await home.world.run(inMinutes(6));
  return home;
}

/** The game's port is taken. */
export async function conflict(): Promise<AppHome> {
  const home = await settled();
  home.home.router.addMapping(entryAt(25_565, { description: 'Minecraft', internalClient: ip(MEDIA_SERVER) }));
  await home.add('Minecraft', MINECRAFT, true);
  await home.add('Valheim', VALHEIM, true);
  await home.world.run(inMinutes(5));
  return home;
}

/** Two routers in a row: on the one in front, which may be asked too, the game's port is taken. */
export async function twoRouters(upstreamRouter: IpAddress | null = null): Promise<AppHome> {
  const home = await AppHome.start({
    doubleNat: { range: 'private' },
    router: personality({ ...ROUTER, wan: { mapsWithoutPublicAddress: true } }),
  });
  await home.world.run(inSeconds(30));
  await home.do('settings.change', { settings: { welcomed: true, firstOpenSeen: true, upstreamRouter } });
  const theirs = { internalClient: ip('10.0.0.7'), description: 'Minecraft', owner: 'manual' } as const;
  home.home.outer?.router.addMapping(entryAt(25_565, theirs));
  await home.add('Minecraft', MINECRAFT, true);
  await home.add('Valheim', VALHEIM, true);
  await home.world.run(inMinutes(2));
  return home;
}

/** A day and a half, in which the provider gave another address in the night, and two evenings were played. */
export async function eventfulDay(): Promise<AppHome> {
  const home = await settled();
  const { world } = home;
  const { router } = home.home;
  await home.add('Minecraft', MINECRAFT, true);
  await home.add('Jellyfin', JELLYFIN, true);
  const valheim = await home.add('Valheim', VALHEIM);
  const switchAt = async (hour: number, on: boolean): Promise<void> => {
    await passUntil(world, hour);
    await home.do('profile.switch', { id: valheim, on });
  };
  await switchAt(20.2, true);
  await switchAt(23.6, false);
  await passUntil(world, DAY + 5.4);
  router.powerOff();
  await world.run(inMinutes(12));
  router.changeExternalAddress(ip('11.22.33.91'));
  router.powerOn();
  await switchAt(DAY + 19.5, true);
  await passUntil(world, DAY + 21.8);
  return home;
}

/** As the tray says it: nothing open, under way, open, refused. */
export async function trayMoments(): Promise<
  Readonly<Record<'idle' | 'working' | 'open' | 'problem', AppHome['snapshot']>>
> {
  const home = await settled();
  const profile = await home.add('Minecraft', MINECRAFT);
  const idle = home.snapshot;
  const asked = home.client.ask('profile.switch', { id: profile, on: true });
  await home.world.until(() => home.snapshot.engine.mappings.length > 0, inSeconds(5), 'something under way');
  const working = home.snapshot;
  await home.finish(asked);
  const open = home.snapshot;
  await home.stop();
  const taken = await conflict();
  const problem = taken.snapshot;
  await taken.stop();
  return { idle, working, open, problem };
}

interface Seen {
  readonly firstOpenSeen?: boolean;
}

async function settled(seen: Seen = {}): Promise<AppHome> {
  const home = await newcomer();
  await home.do('settings.change', {
    settings: { welcomed: true, firstOpenSeen: true, startAtLogin: true, ...seen },
  });
  return home;
}

const DAY = 24;

/** Hours since the midnight before the world began, in Berlin. */
async function passUntil(world: AppHome['world'], hour: number): Promise<void> {
  await world.run(elapsed(world.now, epochMs(MIDNIGHT + inHours(hour))));
}
