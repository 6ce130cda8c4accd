/** Facts that the checks of one run share: each is asked for once, by the first check that needs it. */
import { familyOf, isPublic, type IpAddress } from '../contract/address.ts';
import type { AppSnapshot } from '../contract/commands.ts';
import type { Finding, FindingCode, FindingOf, ProtocolName } from '../contract/diagnosis/findings.ts';
import type { ControlKind, Forward, GatewayId, Transport } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import { forwardsOfProfile } from '../contract/profiles/forward-names.ts';
import type { UpstreamView } from '../contract/snapshot.ts';
import { inSeconds, millis, type Port } from '../contract/units.ts';
import { discover } from '../gateways/discovery/discover.ts';
import type { Finding as FoundControl, SearchOptions, SearchSummary } from '../gateways/gateway.ts';
import type { RouterMemory } from '../gateways/router-memory.ts';
import { NetworkError, type NetworkState, type System, type WaitingSocket } from '../system/system.ts';

/** A port that was opened for a moment, or why it could not be. */
export type Trial = { readonly opened: Port } | { readonly problem: Problem };

export interface Surroundings {
  readonly system: System;
  readonly search: Omit<SearchOptions, 'remembered'>;
  readonly memory: RouterMemory;
  readonly app: () => AppSnapshot;
  /** Opens a port and closes it again; nothing when that is not possible here. @throws the signal's reason */
  readonly tryOpening: (signal: AbortSignal) => Promise<Trial | undefined>;
}

/** A gateway as the engine knows it, or as a search of the checks' own found it. */
export interface KnownGateway {
  readonly id: GatewayId;
  readonly name: string;
  readonly model: string;
  readonly address: IpAddress;
  readonly interfaceName: string;
  readonly isDefault: boolean;
  readonly externalAddress: IpAddress | 'none' | 'unknown';
  readonly protocols: readonly ProtocolName[];
  readonly fingerprint: string;
  readonly opensIpv6: boolean;
  /** On which ports are opened, too. */
  readonly upstream?: UpstreamView;
}

export interface Found {
  readonly gateways: readonly KnownGateway[];
  /** Facts of the checks' own search: where the engine knew the default router there was none. */
  readonly summary: Pick<SearchSummary, 'routers' | 'denied' | 'localNetworkDenied'> | undefined;
}

/** Long enough for all but the slowest routers; the first words are to be there within 5 s. */
const SEARCH_WINDOW = inSeconds(2.2);
/** While the engine searches, further protocols of a router are given this long. */
const ENGINE_SEARCH = inSeconds(1.5);
/** A router that takes longer is slow, which is no refusal. */
const OPENING = inSeconds(3);
const LOOK = inSeconds(0.1);

const PROTOCOL_OF: Readonly<Record<ControlKind, ProtocolName>> = {
  igd: 'UPnP',
  pinhole: 'UPnP',
  'nat-pmp': 'NAT-PMP',
  pcp: 'PCP',
};
export const PROTOCOLS: readonly ProtocolName[] = ['UPnP', 'NAT-PMP', 'PCP'];

export class Examination {
  readonly system: System;
  readonly around: Surroundings;
  readonly #signal: AbortSignal;
  #network: Promise<NetworkState | undefined> | undefined;
  #sockets: Promise<readonly WaitingSocket[] | undefined> | undefined;
  #found: Promise<Found> | undefined;
  #trial: Promise<Trial | undefined> | undefined;

  constructor(around: Surroundings, signal: AbortSignal) {
    this.system = around.system;
    this.around = around;
    this.#signal = signal;
  }

  /** Nothing when the system's tables cannot be read. */
  network(): Promise<NetworkState | undefined> {
    return (this.#network ??= this.#readNetwork());
  }

  found(): Promise<Found> {
    return (this.#found ??= this.#find());
  }

  trial(): Promise<Trial | undefined> {
    return (this.#trial ??= this.#try());
  }

  /** This computer's public IPv6 address, the stable one where there is one (V2). */
  async publicIpv6(): Promise<IpAddress | undefined> {
    const state = await this.network();
    const addresses = (state?.interfaces ?? [])
      .filter(({ loopback, virtual }) => !loopback && !virtual)
      .flatMap((one) => one.addresses)
      .filter(({ address }) => familyOf(address) === 'ipv6' && isPublic(address));
    return (addresses.find(({ temporary }) => !temporary) ?? addresses[0])?.address;
  }

  /** As it is once no port is being opened, or some seconds have passed: a refusal is not to be missed between two tries. */
  async settled(): Promise<AppSnapshot> {
    const isOpening = (): boolean => this.around.app().engine.mappings.some(({ status }) => status.at === 'opening');
    for (let waited = 0; isOpening() && waited < OPENING; waited += LOOK) {
      await this.system.clock.sleep(LOOK, this.#signal);
    }
    return this.around.app();
  }

  /** Those of this computer that wait for others; nothing when the system does not say. */
  sockets(): Promise<readonly WaitingSocket[] | undefined> {
    return (this.#sockets ??= this.#readSockets());
  }

  /** Empty when it is not known. */
  async programOn(transport: Transport, port: Port): Promise<string> {
    return (await this.system.programOn?.(transport, port, this.#signal).catch(() => '')) ?? '';
  }

  /** Where this computer's traffic leaves; nothing when nobody there opens ports. */
  async defaultGateway(): Promise<KnownGateway | undefined> {
    const { gateways } = await this.found();
    const chosen = this.around.search.manual === undefined ? gateways.filter(({ isDefault }) => isDefault) : gateways;
    return chosen.find(({ address }) => familyOf(address) === 'ipv4') ?? chosen[0];
  }

  /** Nobody on the internet is asked without. */
  get stunServer(): string | undefined {
    return this.around.app().settings.stunServer ?? undefined;
  }

  /** Wanted forwards: of profiles that are on, also where nothing runs that keeps them open. */
  get wanted(): readonly Forward[] {
    const { engine, profiles, obeysSwitches, settings } = this.around.app();
    if (obeysSwitches && !settings.paused) return engine.forwards;
    return [...engine.forwards, ...profiles.filter(({ on }) => on).flatMap(forwardsOfProfile)];
  }

  /** Does the forward point to this computer? */
  async isHere({ internal: { client } }: Pick<Forward, 'internal'>): Promise<boolean> {
    if (client === undefined) return true;
    const state = await this.network();
    return state?.interfaces.some(({ addresses }) => addresses.some(({ address }) => address === client)) ?? false;
  }

  async #readSockets(): Promise<readonly WaitingSocket[] | undefined> {
    try {
      return await this.system.listeners?.(this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      this.system.log.write('debug', 'cannot be read: who listens here', { error: String(error) });
      return undefined;
    }
  }

  async #readNetwork(): Promise<NetworkState | undefined> {
    try {
      return await this.system.routes.read(this.#signal);
    } catch (error) {
      if (error instanceof NetworkError) return undefined;
      throw error;
    }
  }

  async #find(): Promise<Found> {
    const known = await this.#fromEngine();
    if (known.some(({ isDefault }) => isDefault)) return { gateways: known, summary: undefined };
    const { search, memory } = this.around;
    const options = { ...search, remembered: [], window: SEARCH_WINDOW };
    const findings: FoundControl[] = [];
    const hasIpv6 = (await this.publicIpv6()) !== undefined;
    const controls = discover(this.system, options, memory, this.#signal);
    for (;;) {
      const next = await controls.next();
      if (next.done === true) return { gateways: merged(known, findings), summary: next.value };
      findings.push(next.value);
      const gateways = merged(known, findings);
      // Its IPv6 side is found after the others.
      const isWhole = gateways.some(
        ({ isDefault, protocols, opensIpv6 }) =>
          isDefault && protocols.length === PROTOCOLS.length && (opensIpv6 || !hasIpv6),
      );
      if (!isWhole) continue;
      await controls.return({
        routers: [],
        noNetwork: false,
        denied: false,
        localNetworkDenied: false,
        passedOver: [],
      });
      return { gateways, summary: undefined };
    }
  }

  /** Those that answer. */
  async #fromEngine(): Promise<readonly KnownGateway[]> {
    const { clock } = this.system;
    const look = (): readonly KnownGateway[] => gatewaysOf(this.around.app());
    const isWhole = (): boolean => {
      const gateways = look();
      const here = gateways.find(({ isDefault }) => isDefault);
      return !this.around.app().engine.search.running || here?.protocols.length === PROTOCOLS.length;
    };
    if (!look().some(({ isDefault }) => isDefault)) return look();
    for (let waited = 0; !isWhole() && waited < ENGINE_SEARCH; waited += LOOK) await clock.sleep(LOOK, this.#signal);
    return look();
  }

  async #try(): Promise<Trial | undefined> {
    const { engine, settings } = this.around.app();
    if (engine.mappings.length > 0 || settings.paused || engine.network?.approved === false) return undefined;
    if ((await this.defaultGateway()) === undefined) return undefined;
    return await this.around.tryOpening(this.#signal);
  }
}

function gatewaysOf({ engine }: AppSnapshot): readonly KnownGateway[] {
  return engine.gateways
    .filter(({ reachable, controls }) => reachable && controls.length > 0)
    .map((gateway) => ({
      ...gateway,
      protocols: namesOf(gateway.controls.map(({ kind }) => kind)),
      opensIpv6: gateway.controls.some(({ kind, detail }) => kind === 'pinhole' || detail.includes('[')),
    }));
}

function namesOf(kinds: readonly ControlKind[]): readonly ProtocolName[] {
  return PROTOCOLS.filter((name) => kinds.some((kind) => PROTOCOL_OF[kind] === name));
}

/** The findings of a search, beside what was known. */
export function merged(known: readonly KnownGateway[], findings: readonly FoundControl[]): readonly KnownGateway[] {
  const ids = [...new Set(findings.map(({ gateway }) => gateway))];
  const found = ids.flatMap((id): readonly KnownGateway[] => {
    const own = findings.filter(({ gateway }) => gateway === id);
    const [first] = own;
    if (first === undefined) return [];
    const { address, interfaceName, isDefault, fingerprint } = first;
    const model = own.map((one) => one.model).find((text) => text !== '') ?? '';
    const name = own.map((one) => one.name).find((text) => text !== '') ?? (model === '' ? address : model);
    const told = own.map(({ vitals }) => vitals.externalAddress).filter((one) => one !== undefined);
    const externalAddress = told.find((one) => one !== 'none' && one !== 'unknown') ?? told[0] ?? 'unknown';
    return [
      {
        id,
        name,
        model,
        address,
        interfaceName,
        isDefault,
        fingerprint,
        externalAddress,
        protocols: namesOf(own.map(({ control }) => control.kind)),
        opensIpv6: own.some(({ control, detail }) => control.kind === 'pinhole' || detail.includes('[')),
      },
    ];
  });
  return [...found, ...known.filter(({ id }) => !ids.includes(id))];
}

/** One kind of trouble, looked for. @throws the signal's reason */
export type Check = (examination: Examination, signal: AbortSignal) => Promise<readonly CheckFinding[]>;

/** {@link runChecks} adds the name of the check. */
export type CheckFinding = Finding extends infer Each ? (Each extends unknown ? Omit<Each, 'check'> : never) : never;

type About = Pick<FindingOf<FindingCode>, 'forward' | 'gateway'>;

export function finding<Code extends FindingCode>(
  level: FindingOf<Code>['level'],
  code: Code,
  parameters: FindingOf<Code>['parameters'],
  about: About = {},
): CheckFinding {
  // A finding's code and parameters belong together; the type system cannot follow that through the union.
  return { level, code, parameters, ...about } as CheckFinding;
}

export function problemFinding(level: FindingOf<'problem'>['level'], problem: Problem): CheckFinding {
  const { forward, gateway } = problem;
  const about = { ...(forward === undefined ? {} : { forward }), ...(gateway === undefined ? {} : { gateway }) };
  return finding(level, 'problem', { problem }, about);
}

/** For one question to one host: a later answer is not waited for. */
export const ONE_ATTEMPT = millis(1000);
