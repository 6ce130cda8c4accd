/** `portkeeper probe` tests open ports from outside; `portkeeper probe-server` is the outside, for others or for oneself. */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import { PROBE_PORT, type ProbeView } from '../../contract/probe.ts';
import { forwardsOfProfile, placeOfForward } from '../../contract/profiles/forward-names.ts';
import { port as toPort } from '../../contract/units.ts';
import { probeText } from '../../contract/words/probe.ts';
import { LONGEST_SECRET, secretIn, SHORTEST_SECRET } from '../../probe/proof.ts';
import { ProbeServer } from '../../probe/server.ts';
import { createNodeClock } from '../../system/node/clock.ts';
import { createLog } from '../../system/node/files/log.ts';
import { readBytes } from '../../system/node/files/whole-file.ts';
import { createNodeSystem } from '../../system/node/node-system.ts';
import { NetworkError } from '../../system/system.ts';
import { currentSnapshot, inApp, profileNamed, valueOf } from '../app-session.ts';
import { interruptible } from '../interruptions.ts';
import { portNumber, type GlobalOptions } from '../options/global-options.ts';
import { specifiedPorts } from '../options/port-spec.ts';
import type { Console } from '../output/console.ts';
import { EXIT, FileFault, InputFault, RefusedFault, type ExitCode } from '../output/fault.ts';
import { Explained } from '../output/report.ts';
import { hint } from '../output/typed.ts';
import { withProgress } from '../session.ts';

export const probe = inApp(async (session, words: readonly string[]) => {
  const { client, running, interrupted, console } = session;
  if (running === undefined) {
    throw new RefusedFault(
      `Portkeeper is not running, so no port is open to be tested. Start it with: ${hint('portkeeper serve')}`,
    );
  }
  const snapshot = await currentSnapshot(session);
  const forwards = words.length === 0 ? 'all' : [...new Set(words.flatMap((word) => forwardsMeant(word, snapshot)))];
  let left = 0;
  const unwatch = client.watch(({ probes }) => {
    left = probes.running.reduce((sum, { done, of }) => sum + of - done, 0);
  });
  const answer = await withProgress(
    { clock: createNodeClock(), console },
    'Testing from outside',
    () => client.ask('forwards.probe', { forwards }, interrupted),
    () => left,
  ).finally(unwatch);
  const { probes } = valueOf(answer);
  const explained = new Explained();
  for (const each of probes) tellProbe(each, snapshot, explained, console);
  const reachable = probes.filter(({ verdict }) => verdict.is === 'reachable').length;
  if (reachable === probes.length) return EXIT.ok;
  return reachable === 0 ? EXIT.failed : EXIT.partly;
});

/** A profile's, or those of a port. @throws InputFault */
function forwardsMeant(word: string, snapshot: AppSnapshot): readonly ForwardId[] {
  if (!/^\d/.test(word)) return forwardsOfProfile(profileNamed(word, snapshot)).map(({ id }) => id);
  const meant = specifiedPorts(word);
  const found = snapshot.engine.mappings.filter(({ transport, external: { port }, status }) => {
    const given = status.at === 'open' || status.at === 'renewing' ? status.lease.external.port : port;
    return meant.some(
      ({ transports, external }) => transports.includes(transport) && given >= external.first && given <= external.last,
    );
  });
  if (found.length === 0) {
    const how = hint('portkeeper status');
    throw new InputFault(`Portkeeper keeps no port ${word} open. What is open: ${how}`, { at: { word } });
  }
  return found.map(({ forward }) => forward);
}

function tellProbe(probe: ProbeView, snapshot: AppSnapshot, explained: Explained, console: Console): void {
  const { transport, external, internal, family, forward, verdict, at } = probe;
  const { profiles, engine } = snapshot;
  const wanted = engine.forwards.find(({ id }) => id === forward);
  const place = placeOfForward(forward);
  const profile = profiles.find(({ id }) => id === place?.profile);
  const isOwn = wanted?.internal.client === undefined;
  const { short, what, todo } = probeText(probe, isOwn, 'en');
  const { is, ...more } = verdict;
  console.record({
    forward,
    profile: profile?.id ?? null,
    label: wanted?.label ?? '',
    transport,
    family,
    externalPort: external,
    internalClient: internal.client ?? null,
    internalPort: internal.port,
    verdict: is,
    ...more,
    short,
    what,
    todo,
    at: new Date(at).toISOString(),
  });
  const name = [profile?.name, wanted?.label].filter((text) => text !== undefined && text !== '').join(', ');
  const version = family === 'ipv6' ? ' over IPv6' : '';
  const headline = `${external}/${transport.toUpperCase()}${version}${name === '' ? '' : ` (${name})`}: ${short}`;
  const rest = [what, todo].filter((line) => line !== '').map((line) => `    ${line}`);
  for (const line of explained.once([headline, ...rest])) console.line(line);
}

interface ServerOptions {
  readonly port: string;
  readonly secretFile?: string;
}

export async function probeServer(options: GlobalOptions, console: Console, given: ServerOptions): Promise<ExitCode> {
  const port = toPort(portNumber(given.port, '--port'));
  const secret = given.secretFile === undefined ? undefined : await readSecret(given.secretFile);
  const system = createNodeSystem({ log: createLog({ level: options.logLevel, stderr: true }) });
  return await interruptible(async (signal) => {
    try {
      const server = await ProbeServer.open({
        system,
        port,
        secret,
        probed: ({ address, transport, port: tried, outcome }) => {
          console.record({ event: 'probe', address, transport, port: tried, outcome });
          console.line(`${address}  ${tried}/${transport.toUpperCase()}  ${outcome}`);
        },
      });
      const { families } = server;
      console.record({ event: 'ready', port, families, secret: secret !== undefined });
      const versions = families.map((family) => (family === 'ipv4' ? 'IPv4' : 'IPv6')).join(' and ');
      const whom = secret === undefined ? 'anyone' : 'anyone with the secret';
      console.line(`Testing ports for ${whom}, on port ${port}/TCP over ${versions}. Ctrl-C stops it.`);
      const place = port === PROBE_PORT ? 'ADDRESS' : `ADDRESS:${port}`;
      console.line(`Use it from elsewhere with:  portkeeper settings set probeServer ${place}`);
      await server.serve(signal);
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof NetworkError) || error.fault !== 'in-use') throw error;
      throw new InputFault(`Port ${port} is already in use on this computer. Choose another with --port.`, {
        cause: error,
      });
    }
  });
}

/** @throws FileFault, InputFault, StorageError */
async function readSecret(file: string): Promise<Uint8Array> {
  const bytes = await readBytes(file);
  if (bytes === undefined) throw new FileFault(`There is no file ${file}. Check the path.`);
  const secret = secretIn(bytes);
  if (secret !== undefined) return secret;
  throw new InputFault(
    `${file} doesn’t contain a secret: it must have ${SHORTEST_SECRET} to ${LONGEST_SECRET} bytes. To make one: openssl rand -hex 16 > ${file}`,
    { at: { option: '--secret-file', word: file } },
  );
}
