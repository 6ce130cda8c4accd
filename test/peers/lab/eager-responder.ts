/** Answers every M-SEARCH at once, as a router with nothing else to do: `node test/peers/lab/eager-responder.ts OWN-ADDRESS LOCATION`. */
import { createSocket } from 'node:dgram';

const GROUP = '239.255.255.250';
const [address = '', location = ''] = process.argv.slice(2);
const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (bytes, { port, address: asker }) => {
  const text = bytes.toString('latin1');
  if (!text.startsWith('M-SEARCH')) return;
  const [, target = 'upnp:rootdevice'] = /^ST:\s*(\S+)/im.exec(text) ?? [];
  const usn = 'uuid:5f9ec1b3-0000-4000-8000-000000000066';
  const lines = ['HTTP/1.1 200 OK', 'CACHE-CONTROL: max-age=120', `ST: ${target}`, `USN: ${usn}::${target}`, 'EXT:'];
  socket.send([...lines, `LOCATION: ${location}`, '', ''].join('\r\n'), port, asker);
});
socket.bind(1900, () => {
  socket.addMembership(GROUP, address);
  console.log('listening');
});
