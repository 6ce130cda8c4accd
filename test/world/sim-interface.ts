import { type Family, type IpAddress, familyOf } from '../../main/contract/address.ts';
import { inNetworkMemo } from './address-memo.ts';
import type { InterfaceAddress, NetworkInterface } from '../../main/system/system.ts';
import type { Segment } from './segment.ts';

export interface InterfaceOptions {
  readonly name: string;
  readonly segment: Segment;
  /** Made up from the host's and the interface's name when absent; `none` for tunnels. */
  readonly mac?: string;
  readonly addresses?: readonly InterfaceAddress[];
  readonly virtual?: boolean;
  /** The far end of a tunnel, which no prefix covers. */
  readonly peer?: IpAddress;
}

/** A host's end on a segment. Everything that its operating system notices ends in `onChange`. */
export class SimInterface {
  readonly name: string;
  readonly segment: Segment;
  readonly mac: string;
  readonly virtual: boolean;
  readonly #peer: IpAddress | undefined;
  readonly #onChange: () => void;
  #addresses: readonly InterfaceAddress[];
  #up = true;
  #plugged = true;

  constructor(options: InterfaceOptions, mac: string, onChange: () => void) {
    this.name = options.name;
    this.segment = options.segment;
    this.mac = options.mac ?? mac;
    this.virtual = options.virtual ?? false;
    this.#peer = options.peer;
    this.#addresses = options.addresses ?? [];
    this.#onChange = onChange;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Traffic passes. */
  get connected(): boolean {
    return this.#up && this.#plugged;
  }

  get addresses(): readonly InterfaceAddress[] {
    return this.#up ? this.#addresses : [];
  }

  /** Its addresses and routes go with it, and come back. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#onChange();
  }

  /** The cable is cut or repaired; the operating system notices nothing, packets vanish. */
  setPlugged(plugged: boolean): void {
    this.#plugged = plugged;
  }

  setAddresses(addresses: readonly InterfaceAddress[]): void {
    this.#addresses = addresses;
    this.#onChange();
  }

  owns(address: IpAddress): boolean {
    return this.addresses.some((own) => own.address === address);
  }

  /** Length of the prefix by which an address is on this link; `undefined` when it is not. */
  onLink(address: IpAddress): number | undefined {
    if (this.up && address === this.#peer) return 128;
    const lengths = this.addresses.filter((own) => inNetworkMemo(address, own)).map((own) => own.prefix);
    return lengths.length > 0 ? Math.max(...lengths) : undefined;
  }

  /** The address that the operating system would send from (RFC 6724, as far as it matters here). */
  sourceFor(destination: IpAddress): IpAddress | undefined {
    const family: Family = familyOf(destination);
    const own = this.addresses.filter((each) => familyOf(each.address) === family);
    const linkLocal = (address: IpAddress): boolean => address.startsWith('fe80:');
    const local = linkLocal(destination) || destination.startsWith('ff02:');
    const sameScope = own.filter((each) => linkLocal(each.address) === local);
    const onLink = sameScope.find((each) => inNetworkMemo(destination, each));
    // Rule 7 of RFC 6724: temporary addresses are preferred, which is V2's trouble.
    return (onLink ?? sameScope.find((each) => each.temporary) ?? sameScope[0] ?? own[0])?.address;
  }

  state(): NetworkInterface {
    return {
      name: this.name,
      ...(this.mac === 'none' ? {} : { mac: this.mac }),
      addresses: this.addresses,
      loopback: false,
      virtual: this.virtual,
    };
  }
}
