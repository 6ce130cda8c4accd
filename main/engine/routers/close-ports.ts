/** Closes ports that a person names, or all that Portkeeper left open, as far as they are provably ours. */
import type { CheckedInput, ClosingResult } from '../../contract/commands.ts';
import type { CommandReason } from '../../contract/fault-reasons.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { ForwardId, Transport } from '../../contract/model.ts';
import type { GatewayView, MappingView } from '../../contract/snapshot.ts';
import { isOfProfile } from '../../contract/profiles/forward-names.ts';
import { inSeconds, type Port } from '../../contract/units.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import { isFailure } from '../../gateways/failure.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { Clock } from '../../system/system.ts';
import type { App } from '../app.ts';
import type { Engine } from '../loop/engine.ts';
import { findGateways } from './find-gateways.ts';
import { elsewhere, gatewayFailed, notClosed } from './gateway-fault.ts';

type Input = CheckedInput<'forwards.close'>;
type Target = Exclude<Input['targets'], 'all'>[number];

/** A router may take its time for each of many. */
const PATIENCE = inSeconds(60);

interface EntryPosition {
  readonly transport: Transport;
  readonly external: { readonly port: number };
  readonly internal: { readonly client?: string };
}

/** @throws CommandError when nothing runs, or the signal's reason */
export async function closePorts(
  app: App,
  { targets, gateway, others }: Input,
  signal: AbortSignal,
): Promise<ClosingResult> {
  const { engine, holds } = app;
  const isNamed = (place: EntryPosition): boolean => targets === 'all' || targets.some((one) => isAt(one, place));
  const { heldBy, released, claimed } = claimsOf(app, targets);
  // Ports of a killed process are closed as soon as there is a router, while another one is still looked for.
  const recorded = new Map<LeftoverKey, Leftover>();
  const unwatch = engine.watch(() => {
    for (const leftover of engine.leftovers) if (isNamed(leftover.lease)) recorded.set(leftover.key, leftover);
  });
  let gateways: readonly GatewayView[];
  try {
    if (released.size > 0) {
      holds.drop([...released]);
      await app.told();
    }
    const isKnown = (target: Target): boolean =>
      claimed.has(target) || [...recorded.values()].some(({ lease }) => isAt(target, lease));
    // Ports in no journal take a router that can list.
    const does = ({ canList }: GatewayView): boolean => canList || (targets !== 'all' && targets.every(isKnown));
    gateways = await findGateways(app, { gateway, does }, signal);
  } finally {
    unwatch();
  }
  const known = [...recorded.values()];
  engine.release(known.map(({ key }) => key));
  const missing = targets === 'all' ? 'all' : targets.filter((one) => !claimed.has(one) && !isIn(known, one));
  if (gateways.length === 0) {
    const left = engine.leftovers.filter(({ lease }) => isNamed(lease)).map(leftView);
    return { found: false, closed: 0, left, others: [], heldBy, absent: [], listed: false };
  }
  const listed = await adoptListed(engine, missing, known, gateways, signal);
  const kept = others ? await removeForeign(engine, listed.foreign, signal) : listed.foreign.map(foreignView);
  const waited = new Set([...known.map(({ key }) => key), ...listed.adopted]);
  await closing(engine, app.system.clock, waited, signal);
  const left = engine.leftovers.filter(({ key }) => waited.has(key));
  return {
    found: true,
    closed: waited.size - left.length + listed.foreign.length - kept.length,
    left: left.map(leftView),
    others: kept,
    heldBy,
    absent: listed.absent,
    listed: listed.isListed,
    fault: listed.fault,
  };
}

interface Claims {
  readonly heldBy: readonly CommandReason[];
  /** Held by programs; nothing else wants them. */
  readonly released: ReadonlySet<ForwardId>;
  /** Targets that somebody wants open. */
  readonly claimed: ReadonlySet<Target>;
}

/** The claims on the ports. A person who names all ports of what a program holds means it; a profile has a switch. */
function claimsOf({ engine, profiles, holds }: App, targets: Input['targets']): Claims {
  const byForward = new Map<ForwardId, MappingView[]>();
  for (const mapping of engine.snapshot.mappings) {
    if (mapping.status.at === 'closing') continue;
    byForward.set(mapping.forward, [...(byForward.get(mapping.forward) ?? []), mapping]);
  }
  const heldBy: CommandReason[] = [];
  const released = new Set<ForwardId>();
  const claimed = new Set<Target>();
  for (const [forward, mappings] of byForward) {
    const places = mappings.map(placeOf);
    const named = targets === 'all' ? places : places.filter((place) => targets.some((one) => isAt(one, place)));
    if (named.length === 0) continue;
    if (targets !== 'all') {
      for (const target of targets) if (named.some((place) => isAt(target, place))) claimed.add(target);
    }
    const list = holds.listOf(forward);
    if (list !== undefined && targets !== 'all' && named.length === places.length) released.add(forward);
    else {
      const ports = portsText(named);
      const profile = profiles.all.find(({ id }) => isOfProfile(forward, id));
      if (profile !== undefined) {
        const { name, id } = profile;
        heldBy.push({ code: 'ports-of-profile', parameters: { ports, profile: name, id } });
      } else if (list !== undefined) {
        heldBy.push({ code: 'ports-held', parameters: { ports, from: list.from, label: list.label } });
      }
    }
  }
  return { heldBy, released, claimed };
}

function placeOf({ transport, external, internal, status }: MappingView): EntryPosition {
  const port = 'lease' in status ? status.lease.external.port : external.port;
  return { transport, external: { port }, internal };
}

/** `27015-27020/udp`; several of them where transports differ. */
function portsText(places: readonly EntryPosition[]): string {
  const texts = (['tcp', 'udp'] as const).flatMap((transport) => {
    const ports = places.filter((place) => place.transport === transport).map(({ external }) => external.port);
    if (ports.length === 0) return [];
    const [first, last] = [Math.min(...ports), Math.max(...ports)];
    return [`${first === last ? first : `${first}-${last}`}/${transport}`];
  });
  return texts.join(', ');
}

function isAt({ transport, external, client }: Target, place: EntryPosition): boolean {
  const there = place.internal.client;
  return (
    transport === place.transport &&
    external === place.external.port &&
    (client === undefined || there === undefined || client === there)
  );
}

const isIn = (leftovers: readonly Leftover[], target: Target): boolean =>
  leftovers.some(({ lease }) => isAt(target, lease));

interface Listed {
  readonly adopted: readonly LeftoverKey[];
  /** Targets that belong to somebody else. */
  readonly foreign: readonly Foreign[];
  readonly absent: ClosingResult['absent'];
  readonly isListed: boolean;
  readonly fault: CommandReason | undefined;
}

interface Foreign {
  readonly gateway: GatewayView;
  readonly entry: FoundMapping;
}

/** Ports in no journal are looked for in the gateways' tables. */
async function adoptListed(
  engine: Engine,
  targets: readonly Target[] | 'all',
  known: readonly Leftover[],
  gateways: readonly GatewayView[],
  signal: AbortSignal,
): Promise<Listed> {
  const listing = gateways.filter(({ canList }) => canList);
  const adopted: LeftoverKey[] = [];
  const foreign: Foreign[] = [];
  const found = new Set<Target>();
  const result = { adopted, foreign, absent: [], isListed: listing.length > 0, fault: undefined };
  if (targets !== 'all' && targets.length === 0) return result;
  const judge = (gateway: GatewayView, entry: FoundMapping): void => {
    const { transport, external, internal, description } = entry;
    const { client } = internal;
    if (client === undefined) return;
    // It is being closed already; the list may still have it.
    const isSame = ({ lease }: Leftover): boolean =>
      lease.transport === transport && lease.external.port === external.port && lease.internal.client === client;
    if (known.some(isSame) || engine.forwardWanting(gateway.id, entry) !== undefined) return;
    const target =
      targets === 'all'
        ? undefined
        : targets.find((one) => one.transport === transport && one.external === external.port);
    if (target === undefined && targets !== 'all') return;
    if (target !== undefined) found.add(target);
    const owner = engine.ownerOf(gateway.id, entry).is;
    const isOfOwnList =
      target?.description !== undefined &&
      description === target.description &&
      (target.client === undefined ? owner !== 'other' : target.client === client);
    if (owner === 'ours' || isOfOwnList) adopted.push(...engine.adopt(gateway.id, entry));
    else if (target !== undefined) foreign.push({ gateway, entry });
  };
  for (const gateway of listing) {
    try {
      await engine.onDemand.readTable(gateway.id, (entry) => judge(gateway, entry), signal);
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { ...result, fault: gatewayFailed(gateway, error).fault.reason };
    }
  }
  const absent = targets === 'all' ? [] : targets.filter((target) => !found.has(target));
  return { ...result, absent: absent.map(({ transport, external }) => ({ transport, external })) };
}

type UnclosedEntry = ClosingResult['others'][number];

function foreignView({ entry: { transport, external, internal, description } }: Foreign): UnclosedEntry {
  // A target has a whole port.
  return { transport, external: external.port as Port, client: internal.client ?? null, description };
}

/** @returns what was not closed, and why */
async function removeForeign(
  engine: Engine,
  entries: readonly Foreign[],
  signal: AbortSignal,
): Promise<readonly UnclosedEntry[]> {
  const kept: UnclosedEntry[] = [];
  for (const one of entries) {
    const { gateway, entry } = one;
    const port = `${entry.external.port}/${entry.transport}`;
    try {
      const left = await engine.onDemand.removeForeign(gateway.id, entry, signal);
      if (left !== 'gone') kept.push({ ...foreignView(one), reason: elsewhere(port, left).fault.reason });
    } catch (error) {
      if (!isFailure(error)) throw error;
      kept.push({ ...foreignView(one), reason: notClosed(gateway, port, error).fault.reason });
    }
  }
  return kept;
}

/** Until each is closed or has been tried, or nothing was closed for as long as {@link PATIENCE}. */
async function closing(
  engine: Engine,
  clock: Clock,
  keys: ReadonlySet<LeftoverKey>,
  signal: AbortSignal,
): Promise<void> {
  const underWay = (): number => engine.leftovers.filter(({ key, tries }) => keys.has(key) && tries === 0).length;
  for (let left = underWay(); left > 0; left = underWay()) {
    const isChanged = (): boolean => underWay() !== left;
    const changed = await forAtMost(clock, PATIENCE, signal, (inTime) => engine.until(isChanged, inTime));
    if (changed === undefined) return;
  }
}

function leftView({ lease }: Leftover): ClosingResult['left'][number] {
  const { transport, external, expiresAt } = lease;
  return { transport, external: external.port, expiresAt };
}
