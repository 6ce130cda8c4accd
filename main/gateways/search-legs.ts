/** Runs all parts of a search side by side. */
import { millis } from '../contract/units.ts';
import type { IgdJudge } from './discover-igd.ts';
import { askMinissdpd } from './discover-minissdpd.ts';
import { probe } from './discover-pxp.ts';
import { searchLink } from './discover-ssdp.ts';
import type { SsdpContext } from './discover-ssdp.ts';
import type { FindingMaker } from './finding-maker.ts';
import { addressesOf } from './links.ts';
import type { SearchPlan } from './search-plan.ts';

/** D18: FRITZ!Boxes give broken results to IPv4 and IPv6 searches at once. By then most have answered over IPv4. */
const IPV6_AFTER_IPV4 = millis(1200);

/** Resolves when nothing more can come, or soon after the signal has aborted; never rejects. */
export async function runLegs(
  plan: SearchPlan,
  { make, judge }: { readonly make: FindingMaker; readonly judge: IgdJudge },
  signal: AbortSignal,
): Promise<void> {
  const { system, ledger } = make;
  const context: SsdpContext = { system, ledger, hear: (candidate) => judge.consider(candidate) };
  for (const { control, link } of plan.remembered) judge.tryRemembered(control, link);
  if (plan.description !== undefined) judge.considerManual(plan.description.url, plan.description.link);
  const legs = [
    ...plan.ssdp.map(async (search) => {
      const isSecond = search.family === 'ipv6' && addressesOf(search.link, 'ipv4').length > 0;
      if (isSecond && search.only === undefined) await system.clock.sleep(IPV6_AFTER_IPV4, signal);
      await searchLink(context, search, signal);
    }),
    ...plan.pxp.map((target) => probe(make, target, signal)),
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
