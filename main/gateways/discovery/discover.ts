/** The search for gateways: every way of finding one is tried at once, and the first usable answer counts. */
import { familyOf } from '../../contract/address.ts';
import { inSeconds, millis } from '../../contract/units.ts';
import { NetworkError, type Connection, type System } from '../../system/system.ts';
import { encodeMinissdpdQuery, MinissdpdReader, type MinissdpdEntry } from '../../wire/minissdp.ts';
import { parseHttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Unreachable } from '../failure.ts';
import type { Finding, SearchOptions, SearchSummary } from '../gateway.ts';
import type { RouterMemory } from '../router-memory.ts';
import { withDeadline } from '../upnp/http-exchange.ts';
import { Arrivals, atMost } from '../waiting.ts';
import { IgdJudge } from './discover-igd.ts';
import { probe, type PxpTarget } from './discover-pxp.ts';
import { searchLink, type SsdpContext } from './discover-ssdp.ts';
import { FindingMaker, SearchLedger } from './finding-maker.ts';
import { addressesOf, isOwn, linkOf, type Link } from './links.ts';
import { planOf, type SearchPlan } from './search-plan.ts';

/** D4, D25: some answer after ten seconds. */
const WINDOW = inSeconds(15);
const MOST_WAITING = 64;

/**
 * Yields each usable control as soon as it is there, in order of arrival, and ends when the window is over or nothing more
 * can come. To stop sooner, leave the loop or abort the signal: when the generator has ended all its sockets are closed.
 * @throws RangeError when `manual` is neither an address nor an `http://` URL with a literal address; NetworkError when the
 * interfaces cannot be read; the signal's reason
 */
export async function* discover(
  system: System,
  options: SearchOptions,
  memory: Pick<RouterMemory, 'traitsFor'>,
  signal: AbortSignal,
): AsyncGenerator<Finding, SearchSummary> {
  signal.throwIfAborted();
  const ledger = new SearchLedger(system);
  const plan = planOf(await system.routes.read(signal), options);
  const found = new Arrivals<Finding>(MOST_WAITING);
  const stop = new AbortController();
  const scope = AbortSignal.any([signal, stop.signal]);
  let hasFound = false;
  const make = new FindingMaker(system, ledger, (finding) => {
    hasFound ||= finding.isUntried !== true;
    found.push(finding);
  });
  const judge = new IgdJudge(make, memory, scope);
  const race = runLegs(plan, { make, judge }, scope).then(() => found.end());
  system.clock.sleep(options.window ?? WINDOW, scope).then(
    () => stop.abort(),
    () => undefined,
  );
  if (plan.named === undefined) {
    const isSilent = (): boolean => !hasFound && !judge.isBusy;
    tellSilence(make, plan, isSilent, options.onSilence, scope).catch(() => undefined);
  }
  try {
    yield* found.all(signal);
  } finally {
    stop.abort();
    await race;
  }
  return await ledger.summary(plan.links, plan.named);
}

/** An answer to the first searches, which allow one second, has come by then. */
const SILENT_AFTER = inSeconds(3);
const LOOK_AGAIN = inSeconds(1);

/**
 * Says why nothing has been found as soon as that is known. A router that sends anything back is there; one whose hardware
 * address cannot be had is not. One that is only remembered by the system's table may be either: the system finds out.
 */
async function tellSilence(
  { system, ledger }: FindingMaker,
  { links, named }: SearchPlan,
  isSilent: () => boolean,
  tell: SearchOptions['onSilence'],
  signal: AbortSignal,
): Promise<void> {
  for (let pause = SILENT_AFTER; ; pause = LOOK_AGAIN) {
    await system.clock.sleep(pause, signal);
    const summary = await ledger.summary(links, named);
    const isClear = summary.routers.every((router) => !router.alive || ledger.hasHeard(router));
    if (!isSilent() || !isClear) continue;
    tell?.(summary);
    return;
  }
}

/** D18: FRITZ!Boxes give broken results to IPv4 and IPv6 searches at once. By then most have answered over IPv4. */
const IPV6_AFTER_IPV4 = millis(1200);

/** By then a router's offers to everybody are there. */
const SIGN_IN_AFTER = millis(1200);

/** A server that answers over IPv4 does so by then. */
const PXP_IPV6_AFTER_IPV4 = millis(600);

/** Runs all parts of a search side by side. Resolves when nothing more can come, or soon after the signal has aborted; never rejects. */
export async function runLegs(
  plan: SearchPlan,
  { make, judge }: { readonly make: FindingMaker; readonly judge: IgdJudge },
  signal: AbortSignal,
): Promise<void> {
  const { system, ledger } = make;
  const context: SsdpContext = { system, ledger, hear: (candidate) => judge.consider(candidate) };
  // Wanted for the first finding already.
  for (const { routers } of plan.links) for (const router of routers) void make.macOf(router);
  for (const link of plan.links) judge.considerSignedIn(link);
  for (const { control, link } of plan.remembered) judge.tryRemembered(control, link, plan.isSameRouter);
  if (plan.description !== undefined) judge.considerManual(plan.description.url, plan.description.link);
  const askWhetherToSignIn = async (): Promise<void> => {
    await system.clock.sleep(SIGN_IN_AFTER, signal);
    for (const link of plan.links) {
      judge.considerSigningIn(link, (address) => ledger.hasHeard({ address, interfaceName: link.name }));
    }
    // One that may not be there is asked only once silence has been reported: trying to reach it would hold that up.
    await system.clock.sleep(SILENT_AFTER, signal);
    for (const link of plan.links) judge.considerSigningIn(link, () => true);
  };
  const legs = [
    ...plan.ssdp.map(async (search) => {
      const isSecond = search.family === 'ipv6' && addressesOf(search.link, 'ipv4').length > 0;
      if (isSecond && search.only === undefined) await system.clock.sleep(IPV6_AFTER_IPV4, signal);
      await searchLink(context, search, signal);
    }),
    ...probes(plan, make, signal),
    ...(plan.asksMinissdpd ? [askMinissdpd(context, plan.links, signal)] : []),
    ...(plan.ssdp.length > 0 ? [askWhetherToSignIn()] : []),
  ];
  await Promise.all(
    legs.map((leg) =>
      leg.catch((error: unknown) => {
        if (!signal.aborted) system.log.write('error', 'a part of the search failed', { error: String(error) });
      }),
    ),
  );
  await judge.settled();
  if (ledger.wrongUrl === undefined || plan.otherwise === undefined) return;
  // A vanished server may have moved: it is UPnP all the same, and another server of that host is not the one meant.
  const isGone = ledger.wrongUrl.what === 'closed' || ledger.wrongUrl.what === 'silent';
  if (plan.description !== undefined && !isGone) judge.considerUsual(plan.description.url, plan.description.link);
  await runLegs(isGone ? { ...plan.otherwise, pxp: [] } : plan.otherwise, { make, judge }, signal);
}

/** IPv6 follows IPv4 or its silence, so that a gateway's IPv4 side is known before its IPv6 side adds to it. */
function probes({ pxp }: SearchPlan, make: FindingMaker, signal: AbortSignal): readonly Promise<void>[] {
  const isSix = ({ address }: PxpTarget): boolean => familyOf(address) === 'ipv6';
  const four = pxp
    .filter((target) => !isSix(target))
    .map((target) => ({ target, settled: probe(make, target, signal) }));
  const six = pxp.filter(isSix).map(async (target) => {
    const before = four.filter((one) => one.target.link === target.link).map(({ settled }) => settled);
    if (before.length > 0) await atMost(make.system.clock, PXP_IPV6_AFTER_IPV4, Promise.allSettled(before), signal);
    await probe(make, target, signal);
  });
  return [...four.map(({ settled }) => settled), ...six];
}

/** The default path of its socket. */
const SOCKET_PATH = '/var/run/minissdpd.sock';
/** The daemon compares the start of the type: every version is meant. */
const TARGET = 'urn:schemas-upnp-org:device:InternetGatewayDevice';
/** A local daemon that takes longer is stuck. */
const PATIENCE = inSeconds(2);

/** Asks minissdpd, which has heard every announcement since boot and answers at once. Resolves at once where there is no
 * daemon. What it says is heard like an answer of the host that its LOCATION names. */
export async function askMinissdpd(context: SsdpContext, links: readonly Link[], signal: AbortSignal): Promise<void> {
  const { clock, log, tcp } = context.system;
  let entries: readonly MinissdpdEntry[] = [];
  try {
    entries = await withDeadline(clock, PATIENCE, 'minissdpd', signal, async (inTime) => {
      const connection = await tcp.connectLocal(SOCKET_PATH, inTime);
      try {
        return await query(connection, inTime);
      } finally {
        connection.close();
      }
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof NetworkError) && !(error instanceof Unreachable) && !(error instanceof WireError))
      throw error;
    log.write('debug', 'minissdpd not available', { error: error.message });
  }
  for (const { location } of entries) {
    const url = parseHttpUrl(location);
    if (url instanceof WireError) continue;
    const link = linkOf(links, url.address);
    if (link === undefined || isOwn(link, url.address)) continue;
    context.hear({ location, from: url.address, link, foundBy: 'minissdpd' });
  }
}

/** @throws NetworkError, WireError, or the signal's reason */
async function query(connection: Connection, signal: AbortSignal): Promise<readonly MinissdpdEntry[]> {
  const reader = new MinissdpdReader();
  await connection.write(encodeMinissdpdQuery(TARGET));
  for (;;) {
    const bytes = await connection.read(signal);
    const state = bytes === undefined ? reader.end() : reader.push(bytes);
    if (state instanceof WireError) throw state;
    if (state === 'done') return reader.entries;
  }
}
