/**
 * Uses main/system/node inside a network namespace, where its test sends it: does what its arguments say and writes a
 * line for each thing that happens.
 */
import { familyOf, ip, type IpAddress } from '../../../main/contract/address.ts';
import { createLog } from '../../../main/system/node/files/log.ts';
import { createNodeSystem } from '../../../main/system/node/node-system.ts';
import { NetworkError, type UdpSocket } from '../../../main/system/system.ts';

const { routes, udp, tcp } = createNodeSystem({ log: createLog({ level: 'error' }) });
const never = new AbortController().signal;
const [, , task = '', ...args] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function multicastSocket(group: string, port: number, interfaceName: string, address: string): Promise<UdpSocket> {
  const interfaceAddress = ip(address);
  const groups: readonly IpAddress[] = port === 0 ? [] : [ip(group)];
  return udp.open({
    family: familyOf(interfaceAddress),
    share: port !== 0,
    localPort: port,
    multicast: { groups, interfaceName, interfaceAddress },
  });
}

/** A line `<interface> <sender> <zone> <text>` for everything that a group's port hears on each interface. */
async function listen(group: string, port: string, ...interfaces: readonly string[]): Promise<void> {
  for (const one of interfaces) {
    const [name = '', address = ''] = one.split('=');
    const socket = await multicastSocket(group, Number(port), name, address);
    void (async () => {
      for (;;) {
        const { from, bytes } = await socket.receive(never);
        say(`${name} ${from.address} ${from.zone ?? '-'} ${new TextDecoder().decode(bytes)}`);
      }
    })();
  }
  say('ready');
}

async function multicast(group: string, port: string, name: string, address: string, text: string): Promise<void> {
  const socket = await multicastSocket(group, 0, name, address);
  await socket.send(new TextEncoder().encode(text), { address: ip(group), port: Number(port) });
  socket.close();
}

/** `sent`, `refused`, or another fault of reaching a UDP port. */
async function knock(address: string, port: string): Promise<string> {
  const to = { address: ip(address), port: Number(port) };
  const socket = await udp.open({ family: familyOf(to.address), connectTo: to });
  try {
    await socket.send(new TextEncoder().encode('anyone?'));
    await socket.receive(AbortSignal.timeout(1500));
    return 'answered';
  } finally {
    socket.close();
  }
}

async function outcome(work: Promise<string>): Promise<string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NetworkError) return error.fault;
    return 'silence';
  }
}

switch (task) {
  case 'routes':
    say(JSON.stringify(await routes.read(never)));
    break;
  case 'changes':
    await routes.read(never);
    say('watching');
    for (;;) {
      await routes.changed(never);
      const { defaultRoutes, interfaces } = await routes.read(never);
      const addresses = interfaces.flatMap((one) => one.addresses).map((one) => one.address);
      say(JSON.stringify({ gateways: defaultRoutes.map((route) => route.gateway), addresses }));
    }
  case 'neighbour':
    say(`${await routes.neighbour(ip(args[0] ?? ''))}`);
    break;
  case 'listen': {
    const [group = '', port = '', ...interfaces] = args;
    await listen(group, port, ...interfaces);
    break;
  }
  case 'multicast': {
    const [group = '', port = '', name = '', address = '', text = ''] = args;
    await multicast(group, port, name, address, text);
    break;
  }
  case 'udp':
    say(await outcome(knock(args[0] ?? '', args[1] ?? '')));
    break;
  case 'tcp': {
    const to = { address: ip(args[0] ?? ''), port: Number(args[1]) };
    say(await outcome(tcp.connect(to, {}, AbortSignal.timeout(5000)).then(() => 'connected')));
    break;
  }
  default:
    throw new Error(`no such task: ${task}`);
}
