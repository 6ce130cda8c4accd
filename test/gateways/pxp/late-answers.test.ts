/**
 * P11: a server that answers one datagram after the other, more slowly than a client repeats itself, answers everything
 * twice. Every pair of an earlier request and the one that follows it: each gets the answer to itself.
 */
import { describe, expect, test } from 'vitest';
import type { MappingWish } from '../../../main/contract/mapping.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import { NatPmpControl } from '../../../main/gateways/pxp/nat-pmp.ts';
import { PcpControl } from '../../../main/gateways/pxp/pcp.ts';
import type { PortControl } from '../../../main/gateways/port-control.ts';
import { natPmpAddressAnswer, natPmpMapAnswer, pcpHeader, pcpMapAnswer, readPcp } from '../../support/pxp-bytes.ts';
import { never, PxpHome, wish as anyWish } from '../../support/pxp-scene.ts';

/** RFC 6886 §3.5 and RFC 6887 §7.4 agree on this one. */
const NOT_AUTHORIZED = 2;
/** Longer than the first wait, so that each request is sent twice before its first answer. */
const EACH = 400;

/** Both ports alike, as most forwards are: what VPN gateways write looks the same (P10). */
const wish: MappingWish = { ...anyWish, external: { port: port(8443) } };

/** A question, and its outcome when the answer is its own. */
interface Deed {
  readonly ask: (control: PortControl) => Promise<unknown>;
  readonly refused?: true;
}
const open =
  (changes: Partial<MappingWish> = {}): Deed['ask'] =>
  (control) =>
    control.open({ ...wish, ...changes }, never);
const close: Deed['ask'] = (control) => control.close(wish, never);
const DEEDS = {
  'a mapping': { ask: open() },
  'a mapping for another time': { ask: open({ lease: seconds(600) }) },
  'a mapping with another port': { ask: open({ external: { port: port(9000) } }) },
  'a mapping of another internal port': { ask: open({ internal: { ...wish.internal, port: port(9000) }, handle: {} }) },
  'a mapping of the other transport': { ask: open({ transport: 'udp', handle: {} }) },
  'a mapping that is suspected dead': { ask: open({ recreate: true }) },
  'a mapping that is refused': { ask: open({ lease: seconds(900) }), refused: true },
  'a deletion': { ask: close },
  'a deletion that is refused': { ask: close, refused: true },
  'a look at the server': { ask: (control) => control.vitals(never) },
} as const satisfies Record<string, Deed>;
type DeedName = keyof typeof DEEDS;

const PROTOCOLS = {
  pcp: {
    control: PcpControl,
    answer: (bytes: Uint8Array, given: { readonly epoch: number; readonly result: number }) =>
      readPcp(bytes).opcode === 0 ? pcpHeader({ opcode: 0, epoch: given.epoch }) : pcpMapAnswer(bytes, given),
  },
  'nat-pmp': {
    control: NatPmpControl,
    answer: (bytes: Uint8Array, given: { readonly epoch: number; readonly result: number }) =>
      bytes[1] === 0 ? natPmpAddressAnswer('11.22.33.44', { epoch: given.epoch }) : natPmpMapAnswer(bytes, given),
  },
};

/** The server's clock shows which of the requests it answers. */
function both(protocol: keyof typeof PROTOCOLS, [earlier, later]: readonly [Deed, Deed]) {
  const { control: Control, answer } = PROTOCOLS[protocol];
  const asked: string[] = [];
  let busyUntil = 0;
  const lan: PxpHome = new PxpHome((bytes) => {
    if (asked.at(-1) !== bytes.join()) asked.push(bytes.join());
    const isFirst = asked.length === 1;
    busyUntil = Math.max(busyUntil, lan.now) + EACH;
    const refused = (isFirst ? earlier : later).refused === true;
    const given = { epoch: 1000 + asked.length, result: refused ? NOT_AUTHORIZED : 0 };
    return { bytes: answer(bytes, given), after: busyUntil - lan.now };
  });
  const control = new Control({ network: lan, server: lan.server, localAddress: lan.localAddress });
  // At once, so that the second waits in line and leaves as soon as the first is answered.
  return lan.run(Promise.allSettled([earlier.ask(control), later.ask(control)]));
}

/** The outcome of the nth request, when the answer to it decides. */
function outcome(deed: Deed, nth: number) {
  if (deed.refused === true) return { status: 'rejected', reason: { name: 'Refused', reason: 'not-authorized' } };
  if (deed.ask === close) return { status: 'fulfilled', value: undefined };
  return { status: 'fulfilled', value: { epoch: 1000 + nth } };
}

const names = Object.keys(DEEDS) as DeedName[];
/** The same bytes are the same request. */
const SAME: readonly (readonly DeedName[])[] = [
  ['a mapping', 'a mapping that is suspected dead'],
  ['a deletion', 'a deletion that is refused'],
];
const isSame = (one: DeedName, other: DeedName): boolean =>
  one === other || SAME.some((group) => group.includes(one) && group.includes(other));
const PAIRS = names.flatMap((earlier) =>
  names.filter((later) => !isSame(earlier, later)).map((later) => [earlier, later] as const),
);

describe.each(['pcp', 'nat-pmp'] as const)('%s', (protocol) => {
  test.each(PAIRS)('%s, then %s', async (earlier, later) => {
    const deeds = [DEEDS[earlier], DEEDS[later]] as const;
    const outcomes = await both(protocol, deeds);
    expect(outcomes).toMatchObject(deeds.map((deed, at) => outcome(deed, at + 1)));
  });
});
