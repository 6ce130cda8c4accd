/** Whether programs of this machine can be reached from others. */
import { scopeOf } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import type { WaitingSocket } from '../system/system.ts';

/** Does a program listen on one of the ports, where other machines can reach it? */
export function isListenedTo(
  sockets: readonly WaitingSocket[],
  transport: Transport,
  { first, last }: { readonly first: number; readonly last: number },
): boolean {
  return sockets.some(
    (socket) =>
      socket.transport === transport &&
      socket.port >= first &&
      socket.port <= last &&
      scopeOf(socket.address) !== 'loopback',
  );
}
