/** Runs the searches that the plan asks for, one at a time, and remembers where gateways were. */
import { gatewayFacts } from '../../contract/snapshot.ts';
import type { EventWithoutMoment, FoundFacts } from '../../core/events.ts';
import type { SearchFacts } from '../../core/state.ts';
import { discover as discoverOnNetwork } from '../../gateways/discovery/discover.ts';
import type { Finding, RememberedControl, SearchOptions, SearchSummary } from '../../gateways/gateway.ts';
import type { RouterMemory } from '../../gateways/router-memory.ts';
import type { System } from '../../system/system.ts';

export type Discover = typeof discoverOnNetwork;

export interface SearchingOptions {
  readonly system: System;
  readonly memory: RouterMemory;
  readonly search: Omit<SearchOptions, 'remembered'>;
  /** Finds gateways; over the network when absent. */
  readonly discover?: Discover | undefined;
  readonly add: (news: EventWithoutMoment) => void;
  /** Is it one to be known? */
  readonly admits: (finding: Finding) => boolean;
  /** Called with each finding before the event that announces it. */
  readonly meet: (finding: Finding) => Promise<void>;
  /** Awaited before the event that ends a search. */
  readonly ending: () => Promise<void>;
  /** Everything worth remembering of current knowledge. */
  readonly known: () => readonly Finding[];
}

export class Searching {
  readonly #options: SearchingOptions;
  #running: AbortController | undefined;
  /** Of the latest search. */
  #network: string | undefined;
  /** Reported to be tried, and not seen to be there yet. */
  readonly #untried = new Set<string>();

  constructor(options: SearchingOptions) {
    this.#options = options;
  }

  /** The addresses it went by are no longer true. */
  breakOff(): void {
    this.#running?.abort();
  }

  /** Always ends with `search-ended`, unless `signal` aborts. */
  async run(network: string, signal: AbortSignal): Promise<void> {
    const { system, memory, search, add, discover = discoverOnNetwork } = this.#options;
    this.breakOff();
    const own = new AbortController();
    this.#running = own;
    const remembered = search.manual === undefined ? memory.remembered(network) : [];
    const stop = (): void => {
      // A command that is quicker than its search.
      this.#remember(network, remembered);
      own.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    // Later searches meet a router that is known, or do not know why it is silent.
    const isSameRouter = network !== this.#network && memory.isRemembered(network);
    this.#network = network;
    const onSilence = (summary: SearchSummary): void => {
      if (!own.signal.aborted) add({ type: 'search-silent', summary: searchFacts(summary) });
    };
    try {
      const findings = discover(system, { ...search, remembered, isSameRouter, onSilence }, memory, own.signal);
      for (;;) {
        const next = await findings.next();
        if (own.signal.aborted) break;
        if (next.done === true) {
          this.#remember(network, []);
          await this.#options.ending();
          if (own.signal.aborted) break;
          add({ type: 'search-ended', summary: searchFacts(next.value) });
          return;
        }
        if (!this.#options.admits(next.value)) continue;
        if (next.value.isUntried === true) this.#untried.add(nameOf(next.value));
        else this.#untried.delete(nameOf(next.value));
        await this.#options.meet(next.value);
        if (own.signal.aborted) break;
        this.#remember(network, remembered);
        const { falseRestarts = false } = memory.traitsFor(next.value.fingerprint).get();
        add({ type: 'found', found: { ...foundFacts(next.value), falseRestarts } });
      }
    } catch (error) {
      if (!own.signal.aborted) {
        system.log.write('error', 'search failed', { error: String(error) });
        const summary = { routers: [], noNetwork: false, denied: false, localNetworkDenied: false };
        add({ type: 'search-ended', summary });
        return;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      if (this.#running === own) this.#running = undefined;
    }
    if (!signal.aborted) add({ type: 'search-ended', summary: undefined });
  }

  /**
   * Where the gateways of this network are, for a first request without a search next time.
   * @param former what was remembered and has not been looked for to the end yet
   */
  #remember(network: string, former: readonly RememberedControl[]): void {
    const { memory, search, known } = this.#options;
    if (search.manual !== undefined || network === '-') return;
    const seen = known().filter((finding) => !this.#untried.has(nameOf(finding)));
    const found = seen.map(({ remember }) => remember);
    const isFound = (control: RememberedControl): boolean =>
      found.some(({ kind, interfaceName }) => kind === control.kind && interfaceName === control.interfaceName);
    if (found.length > 0) memory.remember(network, [...found, ...former.filter((control) => !isFound(control))]);
  }
}

const nameOf = ({ gateway, control }: Finding): string => `${gateway} ${control.kind}`;

function foundFacts(finding: Finding): Omit<FoundFacts, 'falseRestarts'> {
  const { gateway, control, foundBy, foundIn, detail, vitals, remember, wrongUrl } = finding;
  return {
    gateway,
    facts: gatewayFacts(finding),
    control: { kind: control.kind, foundBy, foundIn, detail },
    capabilities: control.capabilities,
    vitals,
    location: remember.location,
    ...(wrongUrl === undefined ? {} : { wrongUrl }),
  };
}

function searchFacts({ routers, wrongUrl, noNetwork, denied, localNetworkDenied }: SearchSummary): SearchFacts {
  return {
    routers: routers.map(({ address, alive, guarded = false }) => ({ address, alive, guarded })),
    ...(wrongUrl === undefined ? {} : { wrongUrl }),
    noNetwork,
    denied,
    localNetworkDenied,
  };
}
