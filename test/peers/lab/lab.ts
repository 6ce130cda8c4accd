/** `npm run lab`: a home with a real router, for a person to try things in. */
import { spawn } from 'node:child_process';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { object, parse, picklist, string } from 'valibot';
import { FLAVOURS, isFlavour, PLANS, PUBLIC_WAN, type Flavour } from './flavours.ts';
import { leaveHome, openHome, type Home, type HomeOptions } from './home.ts';
import type { LabHost } from './host.ts';
import { folderOf, LAB_PREFIX, namespacesOf } from './namespace.ts';
import { PORTKEEPER } from './portkeeper.ts';
import { NODE } from './process.ts';

const STATE = join(tmpdir(), 'portkeeper-lab.json');
const layout = object({ prefix: string(), folder: string(), flavour: picklist(FLAVOURS) });

class Told extends Error {}

async function current(): Promise<Home | undefined> {
  const found = await lstat(STATE).catch(() => undefined);
  if (found === undefined) return undefined;
  // Its words end in `rm -rf`: in a folder where everyone may write, only our own file is believed.
  if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Told(`${STATE} is not a file that only you can write; remove it first.`);
  const state = parse(layout, JSON.parse(await readFile(STATE, 'utf8')));
  if (!state.prefix.startsWith(`${LAB_PREFIX}-`) || state.folder !== folderOf(state.prefix))
    throw new Told(`${STATE} does not describe a lab; remove it first.`);
  // The machine was restarted since.
  if ((await namespacesOf(state.prefix)).length === 0) return undefined;
  return openHome(state);
}

async function theHome(): Promise<Home> {
  const home = await current();
  if (home === undefined) throw new Told('No lab is up. Start one: npm run lab -- up igd2');
  return home;
}

function hostOf(home: Home, name: string): LabHost {
  const hosts: Readonly<Record<string, LabHost | undefined>> = {
    client: home.client,
    other: home.other,
    gateway: home.gateway,
    upstream: home.upstream,
    internet: home.internet,
  };
  const host = hosts[name];
  if (host !== undefined) return host;
  const known = Object.keys(hosts).filter((key) => hosts[key] !== undefined);
  throw new Told(`There is no host "${name}" in this home; it has ${known.join(', ')}.`);
}

/** In the foreground, with this terminal; `portkeeper` is the checkout's own. */
async function inHost(host: LabHost, command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  const [file = '', ...rest] = host.namespace.command(
    program === 'portkeeper' ? [...PORTKEEPER, ...args] : [program, ...args],
  );
  const child = spawn(file, rest, { stdio: 'inherit', env: host.namespace.environment() });
  // Ctrl-C is for the program inside; we report how it ended.
  process.on('SIGINT', () => {});
  const { promise, resolve: end, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('exit', (code) => end(code ?? 1));
  return promise;
}

function describe(home: Home): string {
  const rows: readonly (readonly [string, string])[] = [
    ['flavour', `${home.flavour}: ${PLANS[home.flavour].about}`],
    ['client', [home.client.address, home.client.address6].filter(Boolean).join('  ')],
    ['other', [home.other.address, home.other.address6].filter(Boolean).join('  ')],
    ['gateway', `${home.gateway.address}, description at ${home.gateway.descriptionUrl}`],
    ...(home.upstream === undefined ? [] : [['upstream', home.upstream.address] as const]),
    ['internet', [home.internet.address, home.internet.address6].filter(Boolean).join('  ')],
    ['namespaces', `${home.prefix}-*`],
    ['files', home.folder],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n');
}

async function status(home: Home): Promise<void> {
  const alive = await home.gateway.alive();
  console.log(describe(home));
  console.log(`daemon      ${alive ? 'running' : 'down (npm run lab -- gateway start)'}`);
  console.log(`WAN         ${await home.gateway.wanAddress()}`);
  const rules = await home.gateway.nftRules();
  console.log(`forwards    ${rules.length === 0 ? 'none' : ''}`);
  for (const { transport, external, client, internal } of rules)
    console.log(`  ${transport} ${external} -> ${client}:${internal}`);
}

const GATEWAY_DEEDS: Readonly<Record<string, (home: Home, value: string | undefined) => Promise<void>>> = {
  restart: ({ gateway }) => gateway.restart(),
  reboot: ({ gateway }) => gateway.restart({ emptyTable: true, abrupt: true }),
  stop: ({ gateway }) => gateway.shutDown(),
  kill: ({ gateway }) => gateway.kill(),
  start: ({ gateway }) => gateway.start(),
  wipe: ({ gateway }) => gateway.wipeFirewallRules(),
  wan: ({ gateway }, address) => {
    if (address === undefined) throw new Told('Which address? npm run lab -- gateway wan 11.22.33.55');
    return gateway.changeWanAddress(address);
  },
  loss: ({ gateway }, percent) => gateway.losePackets(number(percent ?? '0')),
  log: async ({ gateway }) => console.log(await gateway.daemon.log()),
};

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('a number, 0 or more');
  return value;
}

function flavour(text: string): Flavour {
  if (!isFlavour(text)) throw new InvalidArgumentError(`one of ${FLAVOURS.join(', ')}`);
  return text;
}

const program = new Command('npm run lab --')
  .description(
    'A home in network namespaces, with the real miniupnpd as its router. Needs root. Nothing leaves the machine.',
  )
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
Flavours:
${FLAVOURS.map((name) => `  ${name.padEnd(12)} ${PLANS[name].about}`).join('\n')}

A first walk:
  npm run lab -- up igd2
  npm run lab -- exec client portkeeper discover
  npm run lab -- exec client portkeeper open 25565/tcp --once --keep
  npm run lab -- exec other upnpc -l              another program's view of the table
  npm run lab -- echo client tcp/25565 &          something that answers on the port
  npm run lab -- probe tcp 25565                  real traffic from the internet
  npm run lab -- gateway reboot                   the router forgets everything
  npm run lab -- down`,
  );

program
  .command('up')
  .description('build a home and start its router')
  .argument('[flavour]', 'see below', flavour, 'igd2')
  .option('--minissdpd', 'run minissdpd on the client')
  .option('--loss <percent>', 'packets lost between LAN and router, each way', number)
  .option('--min-lifetime <seconds>', 'shortest lease over PCP', number)
  .option('--max-lifetime <seconds>', 'longest lease over PCP: a short one makes renewals visible', number)
  .option('--notify-interval <seconds>', 'between two ssdp:alive messages', number)
  .option('--debug-log', "keep the daemon's debugging log (gateway log)")
  .action(async (flavour: Flavour, given: HomeOptions & { readonly loss?: number }) => {
    const already = await current();
    if (already !== undefined)
      throw new Told(`A lab is up already (${already.flavour}). Take it down first: npm run lab -- down`);
    if (process.getuid?.() !== 0) throw new Told('Network namespaces need root: sudo npm run lab -- up');
    const { loss, ...options } = given;
    const home = await leaveHome(flavour, loss === undefined ? options : { ...options, lossPercent: loss });
    await rm(STATE, { force: true });
    await writeFile(STATE, JSON.stringify({ prefix: home.prefix, folder: home.folder, flavour }), {
      flag: 'wx',
      mode: 0o600,
    });
    console.log(describe(home));
    console.log('\nTry: npm run lab -- exec client upnpc -l');
  });

program
  .command('down')
  .description('end every process in the home and remove it')
  .action(async () => {
    const home = await theHome();
    await home.stop();
    await rm(STATE, { force: true });
    console.log(`The ${home.flavour} home is gone.`);
  });

program
  .command('status')
  .description('what is up: hosts, daemon, what is really forwarded')
  .action(async () => {
    const home = await current();
    if (home !== undefined) return status(home);
    const strays = await namespacesOf(LAB_PREFIX);
    console.log('No lab is up.');
    if (strays.length > 0) console.log(`Homes of running tests: ${strays.join(' ')}`);
  });

program
  .command('exec')
  .description('run a command on a host: client, other, gateway, upstream, internet; "portkeeper" is this checkout\'s')
  .argument('<host>')
  .argument('<command...>')
  .passThroughOptions()
  .action(async (host: string, command: readonly string[]) => {
    process.exitCode = await inHost(hostOf(await theHome(), host), command);
  });

program
  .command('echo')
  .description('serve tcp/PORT and udp/PORT on a host until Ctrl-C; answers carry its name')
  .argument('<host>')
  .argument('<ports...>')
  .action(async (host: string, ports: readonly string[]) => {
    const echo = [NODE, resolve(import.meta.dirname, 'echo.ts'), 'serve', host, ...ports];
    process.exitCode = await inHost(hostOf(await theHome(), host), echo);
  });

program
  .command('probe')
  .description('who answers on a port, asked from the internet? Exit code 1 when nobody does')
  .argument('<transport>', 'tcp or udp')
  .argument('<port>')
  .argument('[address]', `the router's public address unless told otherwise`, PUBLIC_WAN.address)
  .action(async (transport: string, port: string, address: string) => {
    const probe = [NODE, resolve(import.meta.dirname, 'echo.ts'), 'probe', transport, address, port];
    process.exitCode = await inHost((await theHome()).internet, probe);
  });

program
  .command('gateway')
  .description(`let something happen to the router: ${Object.keys(GATEWAY_DEEDS).join(', ')}`)
  .argument('<what>')
  .argument('[value]', 'an address for wan, a percentage for loss')
  .addHelpText(
    'after',
    `
  restart   down and up, the table kept            reboot   a power cut, the table forgotten
  stop      shut down with a byebye                kill     gone without a word       start   up again
  wipe      firewall rules gone, entries listed    wan      another public address
  loss      so many of 100 packets are lost        log      with up --debug-log`,
  )
  .action(async (what: string, value: string | undefined) => {
    const deed = GATEWAY_DEEDS[what];
    if (deed === undefined) throw new Told(`The router can ${Object.keys(GATEWAY_DEEDS).join(', ')}; not "${what}".`);
    await deed(await theHome(), value);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Told)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
