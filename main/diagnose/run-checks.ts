/** Runs checks side by side. One that fails takes no other with it. */
import type { CheckName, Finding } from '../contract/diagnosis/findings.ts';
import { inSeconds } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import { adapters } from './checks/adapters.ts';
import { blocking } from './checks/blocking.ts';
import { firewall } from './checks/firewall.ts';
import { gateways } from './checks/gateways.ts';
import { hairpin } from './checks/hairpin.ts';
import { ipv6 } from './checks/ipv6.ts';
import { leases } from './checks/leases.ts';
import { line } from './checks/line.ts';
import { network } from './checks/network.ts';
import { programs } from './checks/programs.ts';
import { protocols } from './checks/protocols.ts';
import { rules } from './checks/rules.ts';
import { Examination, finding, type Check, type CheckFinding, type Surroundings } from './examination.ts';

const CHECK: Readonly<Record<CheckName, Check>> = {
  network,
  adapters,
  blocking,
  protocols,
  gateways,
  line,
  rules,
  programs,
  firewall,
  hairpin,
  ipv6,
  leases,
};

/** A check that has found nothing by then will not: it is time for a result. */
const LONGEST = inSeconds(10);

/**
 * @param told each check as it ends
 * @throws the signal's reason
 */
export async function runChecks(
  names: readonly CheckName[],
  around: Surroundings,
  told: (name: CheckName, findings: readonly Finding[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = around.system;
  const examination = new Examination(around, signal);
  const attempt = async (name: CheckName): Promise<readonly CheckFinding[]> => {
    try {
      const found = await forAtMost(clock, LONGEST, signal, (inTime) => CHECK[name](examination, inTime));
      return found ?? [finding('unknown', 'not-checked', {})];
    } catch (error) {
      signal.throwIfAborted();
      log.write('error', `the check ${name} failed`, { error: error instanceof Error ? error.stack : String(error) });
      return [finding('unknown', 'not-checked', {})];
    }
  };
  await Promise.all(
    names.map(async (check) => {
      const findings = await attempt(check);
      told(
        check,
        findings.map((one): Finding => ({ ...one, check })),
      );
    }),
  );
}
