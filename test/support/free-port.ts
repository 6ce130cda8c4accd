import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of this machine on which nobody listens, at random, for other runs of these tests look for theirs beside this one. It is
 * below those that a system gives to whoever asks for any, so that nobody gets it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const [tcp, udp] = [createServer(), createSocket('udp4')];
  try {
    await once(tcp.listen(port), 'listening');
    await once(udp.bind(port), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((done) => {
      tcp.close(done);
    });
    udp.close();
  }
}
