/** Whole programs that open one TCP port, each as its documentation has it: the tools of Debian, and packages of npm. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE, run } from '../peers/lab/process.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import type { Protocol } from './subject.ts';

export interface Wanted {
  readonly port: number;
  readonly client: string;
  readonly gateway: string;
  /** Of Portkeeper. */
  readonly folder: string;
}

export interface Program {
  readonly what: string;
  readonly command: (wanted: Wanted) => readonly string[];
  /** Is there a rule in the router afterwards? */
  readonly opens: boolean;
  /** Starts from what an earlier run has learnt of the router. */
  readonly remembers?: boolean;
}

export const LEASE_SECONDS = 3600;

const portkeeper = (protocol: Protocol | 'auto', remembers: boolean): Program => ({
  what: `portkeeper open --once${protocol === 'auto' ? ', any protocol' : ''}${remembers ? ', remembered' : ''}`,
  command: ({ port, folder }) =>
    [...PORTKEEPER, 'open', `${port}/tcp`, '--once', '--protocol', protocol].concat([
      '--data-dir',
      folder,
      '--lease',
      `${LEASE_SECONDS}`,
    ]),
  opens: true,
  remembers,
});

const BARE: readonly Program[] = [
  { what: 'Node, and nothing', command: () => [NODE, '-e', '0'], opens: false },
  { what: 'portkeeper --version', command: () => [...PORTKEEPER, '--version'], opens: false },
];

const OF_DEBIAN: Readonly<Record<Protocol, readonly Program[]>> = {
  pcp: [],
  natpmp: [
    {
      what: 'natpmpc',
      command: ({ port, gateway }) => ['natpmpc', '-g', gateway, '-a', `${port}`, `${port}`, 'tcp', `${LEASE_SECONDS}`],
      opens: true,
    },
  ],
  upnp: [
    {
      what: 'upnpc',
      command: ({ port, client }) => [
        'upnpc',
        '-e',
        'bench',
        '-a',
        client,
        `${port}`,
        `${port}`,
        'tcp',
        `${LEASE_SECONDS}`,
      ],
      opens: true,
    },
  ],
};

/** Versions that were measured; others may have another interface. */
const PACKAGES = [
  '@xmcl/nat-api@0.4.3',
  '@achingbrain/nat-port-mapper@4.0.5',
  'nat-pmp@1.0.0',
  '@silentbot1/nat-api@0.4.9',
];

/** By protocol and package: a program that gets port, client and gateway. Those that would keep the port and renew it are
 * ended when it is open. */
const SCRIPTS: Readonly<Partial<Record<Protocol, Readonly<Record<string, string>>>>> = {
  natpmp: {
    'nat-pmp': `import natPmp from 'nat-pmp';
const client = natPmp.connect(gateway);
client.portMapping({ type: 'tcp', private: port, public: port, ttl: ${LEASE_SECONDS} }, (error) => {
  if (error) throw error;
  client.close();
});`,
    '@achingbrain/nat-port-mapper': `import { pmpNat } from '@achingbrain/nat-port-mapper';
await pmpNat(gateway).map(port, host, { protocol: 'TCP', externalPort: port });
process.exit(0);`,
    '@silentbot1/nat-api': `import NatAPI from '@silentbot1/nat-api';
const client = new NatAPI({ enablePMP: true, enableUPNP: false });
await client.map({ publicPort: port, privatePort: port, protocol: 'TCP', ttl: ${LEASE_SECONDS} });
process.exit(0);`,
  },
  upnp: {
    '@xmcl/nat-api': `import { createUpnpClient } from '@xmcl/nat-api';
const client = await createUpnpClient();
await client.map({ description: 'bench', protocol: 'tcp', public: port, private: port, ttl: ${LEASE_SECONDS} });
client.destroy();`,
    '@achingbrain/nat-port-mapper': `import { upnpNat } from '@achingbrain/nat-port-mapper';
for await (const found of upnpNat().findGateways({ signal: AbortSignal.timeout(10_000) })) {
  await found.map(port, host, { protocol: 'TCP', externalPort: port });
  process.exit(0);
}`,
    '@silentbot1/nat-api': `import NatAPI from '@silentbot1/nat-api';
const client = new NatAPI({ enablePMP: false, enableUPNP: true });
await client.map({ publicPort: port, privatePort: port, protocol: 'TCP', ttl: ${LEASE_SECONDS} });
process.exit(0);`,
  },
};

/** Installs them in a folder of their own. @throws Error with what npm said */
export async function installPackages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const install = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
  const { code, stderr } = await run([...install, ...PACKAGES], { timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`the packages could not be installed: ${stderr}`);
  for (const [protocol, scripts] of Object.entries(SCRIPTS)) {
    for (const [name, script] of Object.entries(scripts)) {
      const given = 'const [port, host, gateway] = [Number(process.argv[2]), process.argv[3], process.argv[4]];';
      await writeFile(join(folder, fileOf(protocol, name)), `${script.replace('\n', `\n${given}\n`)}\n`);
    }
  }
}

const fileOf = (protocol: string, name: string): string => `${protocol}-${name.replaceAll('/', '-')}.mjs`;

/** @param packages where they are installed; absent without them */
export function programs(protocol: Protocol, packages: string | undefined): readonly Program[] {
  const ofNpm = packages === undefined ? [] : Object.keys(SCRIPTS[protocol] ?? {});
  return [
    ...BARE,
    portkeeper(protocol, false),
    portkeeper(protocol, true),
    ...(protocol === 'upnp' ? [portkeeper('auto', false)] : []),
    ...OF_DEBIAN[protocol],
    ...ofNpm.map((name) => ({
      what: name,
      command: ({ port, client, gateway }: Wanted) => [
        NODE,
        join(packages ?? '', fileOf(protocol, name)),
        `${port}`,
        client,
        gateway,
      ],
      opens: true,
    })),
  ];
}
