/** A wire with a delay between a home's client and its router. The kernels of many test machines have no netem. */
import type { Home } from '../peers/lab/home.ts';

/**
 * Carries frames between two interfaces, each after its delay. Checksums are left to the network card by default: here
 * there is none that would make them (ethtool.h: ETHTOOL_STXCSUM, STSO, SGSO, SGRO).
 */
const RELAY = `
import fcntl, heapq, select, socket, struct, sys, time
def plain(name):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for command in (0x17, 0x1f, 0x24, 0x2c):
        value = bytearray(struct.pack('II', command, 0))
        import ctypes
        held = (ctypes.c_char * len(value)).from_buffer(value)
        try: fcntl.ioctl(s, 0x8946, struct.pack('16sP', name.encode(), ctypes.addressof(held)))
        except OSError: pass
names, delay = sys.argv[1:3], float(sys.argv[3]) / 1000
for name in sys.argv[1:3] + sys.argv[4:]: plain(name)
ends = []
for name in names:
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    s.setsockopt(263, 1, struct.pack('IHH8s', socket.if_nametoindex(name), 1, 0, b''))
    ends.append(s)
waiting, count = [], 0
print('ready', flush=True)
while True:
    now = time.monotonic()
    left = max(0, waiting[0][0] - now) if waiting else None
    for s in select.select(ends, [], [], left)[0]:
        data, about = s.recvfrom(65535)
        if about[2] == 4: continue
        count += 1
        heapq.heappush(waiting, (time.monotonic() + delay, count, ends[1 - ends.index(s)], data))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, to, data = heapq.heappop(waiting)
        try: to.send(data)
        except OSError: pass
`;

/** From now on, each way. Ends with the home. @throws Error when there is no Python */
export async function slowDown({ client, gateway }: Pick<Home, 'client' | 'gateway'>, delayMs: number): Promise<void> {
  const { namespace } = gateway;
  await namespace.ip(`
    link set to-client nomaster
    link add slow0 type veth peer name slow1
    link set slow0 up
    link set slow1 master lan0 up
  `);
  // The bridge answers for its address, not the wire.
  await namespace.sysctl('net/ipv4/conf/to-client/arp_ignore=8', 'net/ipv4/conf/slow0/arp_ignore=8');
  await client.namespace.exec([
    '/usr/bin/python3',
    '-c',
    RELAY.split('names, delay')[0]?.concat("plain('eth0')") ?? '',
  ]);
  const relay = namespace.spawn(['/usr/bin/python3', '-c', RELAY, 'to-client', 'slow0', `${delayMs}`, 'slow1', 'lan0']);
  await relay.line((line) => (line === 'ready' ? true : undefined), { timeoutMs: 10_000 });
}
