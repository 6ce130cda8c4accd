/** The live ends of what the core knows by name: controls and listings, by gateway. */
import type { Capabilities } from '../../contract/mapping.ts';
import type { ControlKind, GatewayId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import type { Finding } from '../../gateways/gateway.ts';

export class Controls {
  readonly #findings = new Map<GatewayId, Map<ControlKind, Finding>>();
  readonly #told = new Map<string, Capabilities>();
  /** Services that said that they do not count what they are there to count. */
  readonly #uncounted = new Set<string>();

  add(finding: Finding): void {
    const known = this.#findings.get(finding.gateway);
    if (known === undefined) this.#findings.set(finding.gateway, new Map([[finding.control.kind, finding]]));
    else known.set(finding.control.kind, finding);
    this.#told.set(keyOf(finding), finding.control.capabilities);
  }

  get(gateway: GatewayId, kind: ControlKind): Finding | undefined {
    return this.#findings.get(gateway)?.get(kind);
  }

  of(gateway: GatewayId): readonly Finding[] {
    return [...(this.#findings.get(gateway)?.values() ?? [])];
  }

  all(): readonly Finding[] {
    return [...this.#findings.values()].flatMap((kinds) => [...kinds.values()]);
  }

  /** The control that counts the bytes of the gateway's internet connection, as far as known. */
  counter(gateway: GatewayId): Finding['traffic'] {
    return this.of(gateway).find((finding) => this.#counts(finding))?.traffic;
  }

  /** It was asked, and said that it cannot: it is not asked again. */
  countsNothing(gateway: GatewayId): void {
    for (const finding of this.of(gateway)) if (this.#counts(finding)) this.#uncounted.add(serviceOf(finding));
  }

  #counts(finding: Finding): boolean {
    return finding.traffic !== undefined && !this.#uncounted.has(serviceOf(finding));
  }

  /** The gateway's abilities beside opening ports. */
  skills(gateway: GatewayId): Pick<GatewayView, 'canList' | 'countsTraffic'> {
    return {
      canList: this.of(gateway).some(({ list }) => list !== undefined),
      countsTraffic: this.counter(gateway) !== undefined,
    };
  }

  /** A control's abilities are learnt as it is used; returned only when they differ from what was last reported. */
  changedCapabilities(finding: Finding): Capabilities | undefined {
    const { capabilities } = finding.control;
    const told = this.#told.get(keyOf(finding));
    if (told === capabilities || JSON.stringify(told) === JSON.stringify(capabilities)) return undefined;
    this.#told.set(keyOf(finding), capabilities);
    return capabilities;
  }
}

const keyOf = (finding: Finding): string => `${finding.gateway}|${finding.control.kind}`;
/** Over searches and restarts of the router, as long as it is where it was. */
const serviceOf = (finding: Finding): string => `${keyOf(finding)}|${finding.remember.common?.controlUrl ?? ''}`;
