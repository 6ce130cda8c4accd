/** Runs all parts of a search side by side. */
import { familyOf } from '../../contract/address.ts';
import { millis } from '../../contract/units.ts';
import type { IgdJudge } from './discover-igd.ts';
import { askMinissdpd } from './discover-minissdpd.ts';
import { atMost } from './at-most.ts';
import { probe } from './discover-pxp.ts';
import type { PxpTarget } from './discover-pxp.ts';
import { searchLink } from './discover-ssdp.ts';
import type { SsdpContext } from './discover-ssdp.ts';
import type { FindingMaker } from './finding-maker.ts';
import { addressesOf } from './links.ts';
import type { SearchPlan } from './search-plan.ts';

/** D18: FRITZ!Boxes give broken results to IPv4 and IPv6 searches at once. By then most have answered over IPv4. */
const IPV6_AFTER_IPV4 = millis(1200);

/** A server that answers over IPv4 does so by then. */
const PXP_IPV6_AFTER_IPV4 = millis(600);

/** Resolves when nothing more can come, or soon after the signal has aborted; never rejects. */
export async function runLegs(
  plan: SearchPlan,
  { make, judge }: { readonly make: FindingMaker; readonly judge: IgdJudge },
  signal: AbortSignal,
): Promise<void> {
  const { system, ledger } = make;
  const context: SsdpContext = { system, ledger, hear: (candidate) => judge.consider(candidate) };
  // Wanted for the first finding already.
  for (const { routers } of plan.links) for (const router of routers) void make.macOf(router);
  for (const { control, link } of plan.remembered) judge.tryRemembered(control, link);
  if (plan.description !== undefined) judge.considerManual(plan.description.url, plan.description.link);
  const legs = [
    ...plan.ssdp.map(async (search) => {
      const isSecond = search.family === 'ipv6' && addressesOf(search.link, 'ipv4').length > 0;
      if (isSecond && search.only === undefined) await system.clock.sleep(IPV6_AFTER_IPV4, signal);
      await searchLink(context, search, signal);
    }),
    ...probes(plan, make, signal),
    ...(plan.asksMinissdpd ? [askMinissdpd(context, plan.links, signal)] : []),
  ];
  await Promise.all(
    legs.map((leg) =>
      leg.catch((error: unknown) => {
        if (!signal.aborted) system.log.write('error', 'a part of the search broke', { error: String(error) });
      }),
    ),
  );
  await judge.settled();
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
