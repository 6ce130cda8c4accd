/** Commands about routers, and what they hold: open ports, traffic, knowledge about them. */
import { withFronts } from '../../contract/snapshot.ts';
import { BY_HAND, choicesText, isTraitName, TRAIT_NAMES, type TraitName } from '../../contract/trait-choices.ts';
import { traitFromText } from '../../gateways/router-memory-document.ts';
import type { App } from '../app.ts';
import { CommandError, orNotStored, type CommandsAbout } from '../command-error.ts';
import type { Engine } from '../loop/engine.ts';
import { closeEntry } from './close-entry.ts';
import { closePorts } from './close-ports.ts';
import { doesFor, findGateways } from './find-gateways.ts';
import { signIn } from './sign-ins.ts';
import { familyOf, inNetwork, type IpAddress } from '../../contract/address.ts';
import type { DeviceView } from '../../contract/commands.ts';
import { networksNow } from '../loop/host-facts.ts';
import { oneLine } from '../profiles/profile-names.ts';

export function routerCommands(app: App): CommandsAbout<'devices' | 'forwards' | 'gateway' | 'gateways' | 'memory'> {
  return {
    'devices.list': async (_nothing, signal) => ({ devices: await knownDevices(app, signal) }),
    'gateways.search': async () => app.engine.searchNow(),
    'gateways.find': async ({ gateway, for: what }, signal) => {
      const hasFronts = what === 'listing';
      const found = await findGateways(app, { gateway, does: doesFor[what], hasFronts }, signal);
      return { gateways: found.map(({ id }) => id) };
    },
    'forwards.retry': async () => app.engine.retry(),
    'forwards.probe': async ({ forwards }, signal) => ({ probes: await app.probes.probe(forwards, signal) }),
    'forwards.release': async ({ hold, keep }, signal) => {
      await app.settled(app.holds.release(hold, keep), signal);
      await app.told();
      return { revision: app.snapshot.revision };
    },
    'forwards.close': (input, signal) => closePorts(app, input, signal),
    'gateway.sign-in': (input, signal) => signIn(app, input, signal),
    'gateway.sign-out': async ({ router }, signal) => {
      await orNotStored(app.signInKeeper.forget(router, signal));
      app.engine.searchNow();
    },
    'gateway.list': ({ gateway }, signal) => app.tables.read(gateway, signal),
    'gateway.close': (input, signal) => closeEntry(app, input, signal),
    'gateway.traffic': ({ gateway }, signal) => app.traffic.read(gateway, signal),
    ...memoryCommands(app),
  };
}

/**
 * Traits are read at each request: a change takes effect with the next.
 * @param app whose engine may be another from one command to the next */
function memoryCommands(app: { readonly engine: Engine }): CommandsAbout<'memory'> {
  return {
    'memory.read': async () => {
      const { memory } = app.engine;
      await memory.load();
      return { routers: memory.all() };
    },
    'memory.change': async ({ fingerprint, trait, value }) => {
      const { memory, snapshot } = app.engine;
      const name = traitNamed(trait);
      await memory.load();
      // Its model, the end of the fingerprint, may have become known since.
      const isHere = withFronts(snapshot.gateways).some((gateway) =>
        `${gateway.fingerprint} `.startsWith(`${fingerprint} `),
      );
      if (!isHere && !memory.all().some((router) => router.fingerprint === fingerprint))
        throw new CommandError('bad-input', 'fingerprint', { code: 'unknown-router', parameters: {} });
      const traits = traitFromText(name, value);
      if (traits === undefined) {
        const parameters = { trait: name, may: choicesText(name) };
        throw new CommandError('bad-input', 'value', { code: 'trait-value', parameters });
      }
      await orNotStored(memory.set(fingerprint, traits, BY_HAND));
    },
    'memory.forget': async ({ fingerprint, trait }) => {
      const { memory } = app.engine;
      const name = trait === undefined ? undefined : traitNamed(trait);
      await orNotStored(memory.forget(fingerprint, name));
    },
  };
}

function traitNamed(trait: string): TraitName {
  if (isTraitName(trait)) return trait;
  const parameters = { trait: trait.slice(0, 80), known: TRAIT_NAMES };
  throw new CommandError('bad-input', 'trait', { code: 'no-such-trait', parameters });
}

/** More devices are no list to choose from. */
const MOST = 64;

/** Devices of the home that a forward can point to: those that this machine has met, and those read from routers.
 * @throws the signal's reason */
async function knownDevices({ system, engine, tables }: App, signal: AbortSignal): Promise<readonly DeviceView[]> {
  const { routes, nameOf } = system;
  const [networks = [], met] = await Promise.all([networksNow(routes, signal), routes.neighbours()]);
  const others = new Set<IpAddress>([
    ...networks.map(({ address }) => address),
    ...engine.snapshot.gateways.map(({ address }) => address),
  ]);
  const isDevice = (address: IpAddress): boolean =>
    familyOf(address) === 'ipv4' && !others.has(address) && networks.some((network) => inNetwork(address, network));
  // A device's name for its entry says at least what runs there.
  const described = new Map<IpAddress, string>();
  for (const { internal, description } of tables.latest.flatMap(({ entries }) => entries)) {
    if (internal.client !== undefined && !described.has(internal.client)) described.set(internal.client, description);
  }
  const addresses = [...new Set([...described.keys(), ...met])].filter(isDevice).slice(0, MOST);
  const devices = await Promise.all(
    addresses.map(async (address) => ({
      address,
      name: (await nameOf?.(address, signal)) ?? oneLine(described.get(address) ?? ''),
    })),
  );
  signal.throwIfAborted();
  return devices.toSorted((a, b) => orderOf(a.address).localeCompare(orderOf(b.address)));
}

/** 192.168.1.9 before 192.168.1.10. */
const orderOf = (address: IpAddress): string => address.replaceAll(/\d+/g, (digits) => digits.padStart(3, '0'));
