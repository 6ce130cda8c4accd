import { endpointText } from '../../contract/address.ts';
import { startDemoRouter } from '../../simulator/on-loopback/demo-router.ts';
import { isPersonalityName, personality, personalityNames } from '../../simulator/personalities/personalities.ts';
import { createLog } from '../../system/node/files/log.ts';
import { createNodeSystem } from '../../system/node/node-system.ts';
import { NetworkError } from '../../system/system.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault, type ExitCode } from '../output/fault.ts';
import { portNumber, type GlobalOptions } from '../options/global-options.ts';
import { interruptible, untilAborted } from '../interruptions.ts';

interface DemoOptions {
  readonly httpPort?: string;
  readonly pxpPort?: string;
  readonly like: string;
}

export async function demoRouter(options: GlobalOptions, console: Console, given: DemoOptions): Promise<ExitCode> {
  const names = given.like.split(',').map((name) => name.trim());
  const known = names.filter((name) => isPersonalityName(name));
  const unknown = names.find((name) => !isPersonalityName(name));
  if (unknown !== undefined) {
    throw new InputFault(`There is no behaviour “${unknown}”. Available: ${personalityNames.join(', ')}.`, {
      at: { word: given.like, at: given.like.indexOf(unknown), length: unknown.length },
    });
  }
  const system = createNodeSystem({ log: createLog({ level: options.logLevel, stderr: true }) });
  return await interruptible(async (signal) => {
    try {
      const demo = await startDemoRouter(
        {
          personality: personality(...known),
          log: (line) => console.line(line),
          ...(given.httpPort === undefined ? {} : { httpPort: portNumber(given.httpPort, '--http-port') }),
          ...(given.pxpPort === undefined ? {} : { pxpPort: portNumber(given.pxpPort, '--pxp-port') }),
        },
        system,
        signal,
      );
      const pxp = endpointText(demo.pxp);
      console.record({ event: 'ready', location: demo.location, pxp, pxpPort: demo.pxp.port });
      console.line('A simulated router is running on this computer; your real one is not touched.');
      if (demo.location !== '') console.line(`UPnP:             --router ${demo.location}`);
      console.line(`PCP and NAT-PMP:  --router ${demo.pxp.address} --pxp-port ${demo.pxp.port}`);
      console.line(
        `Try in another terminal:  portkeeper open 25565/tcp --router ${demo.location === '' ? `${demo.pxp.address} --pxp-port ${demo.pxp.port}` : demo.location}`,
      );
      console.line('Ctrl-C stops it.');
      await untilAborted(signal);
      await demo.stop();
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof NetworkError) || error.fault !== 'in-use') throw error;
      throw new InputFault(
        `The port is already in use on this computer: ${error.message}. Choose another, or leave the option out.`,
        { cause: error },
      );
    }
  });
}
