/** Prints every datagram to a multicast group: `node test/peers/lab/overhear.ts GROUP PORT OWN-ADDRESS`, one JSON line each. */
import { createSocket } from 'node:dgram';

const [group = '', port, address = ''] = process.argv.slice(2);
const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (bytes, from) =>
  console.log(JSON.stringify({ from: from.address, hex: bytes.toString('hex'), text: bytes.toString('latin1') })),
);
socket.bind(Number(port), () => {
  socket.addMembership(group, address);
  console.log('{"listening":true}');
});
