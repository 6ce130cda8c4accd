/** What is measured of one sample; its time begins when everything is loaded, except for whole programs. */
import { spawnSync } from 'node:child_process';
import { array, number, object, parse, picklist, string, type InferOutput } from 'valibot';
import { rawAdd, rawDescribe, rawSearch } from './raw-igd.ts';
import { rawNatPmp, rawPcp } from './raw-pxp.ts';
import { learnWithEngine, openWithEngine } from './subject.ts';

const schema = object({
  who: picklist(['raw', 'engine', 'upnpc', 'program', 'learn']),
  protocol: picklist(['pcp', 'natpmp', 'upnp']),
  /** Known before the clock starts: nothing; the description URL; where to send the request. */
  memory: picklist(['none', 'location', 'control']),
  ports: array(number()),
  gateway: string(),
  client: string(),
  /** The engine's data folder. */
  folder: string(),
  /** Command to run, where it is a program. */
  command: array(string()),
});
export type SampleRequest = InferOutput<typeof schema>;

const LEASE_SECONDS = 3600;

async function raw(asked: SampleRequest): Promise<number> {
  const { gateway, client } = asked;
  const wish = (port: number) =>
    ({ gateway, client, transport: 'tcp', internal: port, external: port, lifetime: LEASE_SECONDS }) as const;
  const location = asked.protocol === 'upnp' && asked.memory !== 'none' ? await rawSearch(client) : undefined;
  const known = location !== undefined && asked.memory === 'control' ? await rawDescribe(location) : undefined;

  const started = performance.now();
  if (asked.protocol === 'upnp') {
    const service = known ?? (await rawDescribe(location ?? (await rawSearch(client))));
    for (const port of asked.ports) expectZero(await rawAdd(service, wish(port)), port);
  } else {
    const open = asked.protocol === 'pcp' ? rawPcp : rawNatPmp;
    for (const port of asked.ports) expectZero((await open(wish(port))).result, port);
  }
  return performance.now() - started;
}

function expectZero(result: number, port: number): void {
  if (result !== 0) throw new Error(`port ${port} was refused: ${result}`);
}

/** A whole program, from its start to its end. */
function program(command: readonly string[]): number {
  const [file = '', ...args] = command;
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  const took = performance.now() - started;
  // upnpc ends with 0 whatever happens; the bench counts the router's rules afterwards.
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return took;
}

/** All of them in one call. */
function upnpc({ ports }: SampleRequest): number {
  return program(['upnpc', '-e', 'bench', '-r', ...ports.flatMap((port) => [`${port}`, 'tcp'])]);
}

async function measure(asked: SampleRequest): Promise<number> {
  switch (asked.who) {
    case 'raw':
      return raw(asked);
    case 'engine':
      return openWithEngine(asked.protocol, { folder: asked.folder, ports: asked.ports });
    case 'program':
      return program(asked.command);
    case 'upnpc':
      return upnpc(asked);
    case 'learn':
      await learnWithEngine(asked.protocol, asked.folder);
      return 0;
  }
}

/** @param request a {@link SampleRequest} as JSON */
export async function main(request: string): Promise<void> {
  console.log(JSON.stringify({ ms: await measure(parse(schema, JSON.parse(request))) }));
}
