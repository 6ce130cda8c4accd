/** `portkeeper serve` on a host of the lab, and a client of the window's commands that talks to it. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type {
  AppClient,
  AppSnapshot,
  CommandInput,
  CommandName,
  CommandResults,
} from '../../../main/contract/commands.ts';
import { becomeOrConnect } from '../../../main/connect/rendezvous.ts';
import type { LabHost } from './host.ts';
import { portkeeper, type Portkeeper } from './portkeeper.ts';

export interface Served {
  readonly program: Portkeeper;
  readonly client: AppClient;
  /** @throws Error when it is refused */
  do<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandResults[Name]>;
  /** The first snapshot, now or later, that `fits`. */
  until(fits: (snapshot: AppSnapshot) => boolean): Promise<AppSnapshot>;
}

/** Its data folder is in the file system that namespaces share, and so is its socket.
 * @param finished the test's own, where tests run at the same time */
export async function served(host: LabHost, finished: (work: () => void) => void = onTestFinished): Promise<Served> {
  const program = portkeeper(host, ['serve', '--no-window', '--json']);
  await program.until(({ event }) => event === 'serving');
  const met = await becomeOrConnect(join(host.namespace.home, 'portkeeper'), new AbortController().signal);
  if (met.role !== 'guest') {
    await met.leave();
    throw new Error('it does not serve');
  }
  const { client } = met;
  const watching = new Set<() => void>();
  finished(() => {
    for (const unwatch of watching) unwatch();
  });
  return {
    program,
    client,
    async do(name, input) {
      const answer = await client.ask(name, input);
      if (answer.ok) return answer.value;
      throw new Error(`${name}: ${answer.fault.code}: ${answer.fault.message}`);
    },
    until(fits) {
      const { promise, resolve } = Promise.withResolvers<AppSnapshot>();
      const unwatch = client.watch((snapshot) => {
        if (fits(snapshot)) resolve(snapshot);
      });
      watching.add(unwatch);
      return promise.finally(unwatch);
    },
  };
}
