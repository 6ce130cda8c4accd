import type { GatewayView } from '../../contract/model.ts';
import type { Console } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { answering, findGateways } from '../find-gateway.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { gatewayRecord } from '../output/report.ts';
import { startSession } from '../session.ts';

export async function externalAddress(options: GlobalOptions, console: Console): Promise<ExitCode> {
  const session = await startSession({ options, console, purpose: 'look' });
  try {
    const hasAddress = ({ externalAddress: address }: GatewayView): boolean =>
      address !== 'unknown' && address !== 'none';
    const gateways = await findGateways(session, options, console, hasAddress);
    const told = answering(gateways).find(hasAddress);
    if (told !== undefined) {
      console.line(told.externalAddress);
      console.record({ externalAddress: told.externalAddress, gateway: gatewayRecord(told) });
      // To people at a terminal the address alone would be misleading.
      for (const problem of session.engine.snapshot.problems) {
        if (problem.code === 'behind-another-nat' && !console.json) console.problem(problem);
      }
      return EXIT.ok;
    }
    const [gateway] = gateways;
    if (gateway === undefined) return EXIT.noGateway;
    const since = session.system.clock.now();
    console.problem({
      code: gateway.externalAddress === 'none' ? 'no-external-address' : 'external-address-unknown',
      parameters: { gateway: gateway.name },
      severity: 'error',
      since,
      gateway: gateway.id,
    });
    return EXIT.failed;
  } finally {
    await session.stop();
  }
}
