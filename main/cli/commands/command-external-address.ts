import { answering, doesFor } from '../../engine/routers/find-gateways.ts';
import type { Console } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { findGateways } from '../find-gateway.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { gatewayRecord } from '../output/report.ts';
import { looking, snapshotOf } from '../session.ts';

export function externalAddress(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return looking(options, console, async (session) => {
    const gateways = await findGateways(session, options, console, 'address');
    const told = answering(gateways).find(doesFor.address);
    if (told !== undefined) {
      console.line(told.externalAddress);
      console.record({ externalAddress: told.externalAddress, gateway: gatewayRecord(told) });
      // To people at a terminal the address alone would be misleading.
      const { engine } = await snapshotOf(session.client, session.interrupted);
      for (const problem of engine.problems) {
        if (problem.code === 'behind-another-nat' && !console.json) console.problem(problem);
      }
      return EXIT.ok;
    }
    const [gateway] = gateways;
    if (gateway === undefined) return EXIT.noGateway;
    console.problem({
      code: gateway.externalAddress === 'none' ? 'no-external-address' : 'external-address-unknown',
      parameters: { gateway: gateway.name },
      severity: 'error',
      since: session.system.clock.now(),
      gateway: gateway.id,
    });
    return EXIT.failed;
  });
}
