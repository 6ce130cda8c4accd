/** The checks and their findings, in English. */
import type { FindingCatalogue, PortPlace } from '../diagnosis/findings.ts';
import { routerMenu, type RouterKey } from '../diagnosis/router-menus.ts';
import { clockTime, listText } from './formats.ts';
import { explain } from './problems.ts';

const portText = ({ transport, port }: PortPlace): string => `${port}/${transport.toUpperCase()}`;
const list = (names: readonly string[]): string => listText(names, 'en');
const routerName = (name: string): string => (name === '' ? 'The router' : name);
const programName = (name: string): string => (name === '' ? 'A program' : `“${name}”`);
const inPlace = (where: string): string => (where === '' ? '' : ` (${where})`);

const fine = (what: string) => ({ what, why: '', todo: '' });

/** Where the switch is, as far as the router's maker is known. */
function turnOn(menu: RouterKey | undefined, otherwise: string): string {
  if (menu === undefined) return otherwise;
  const { maker, on } = routerMenu(menu);
  return `Turn it on in the router’s settings. ${maker}: ${on.en}.`;
}

function permit(menu: RouterKey | undefined): string {
  const known = menu === undefined ? undefined : routerMenu(menu);
  const place = known?.allow ?? known?.on;
  return known === undefined || place === undefined
    ? 'In the router’s settings, look for UPnP and allow programs or this computer to open ports.'
    : `Allow it in the router’s settings. ${known.maker}: ${place.en}.`;
}

export const FINDINGS_EN: FindingCatalogue = {
  problem: ({ problem }) => explain(problem, 'en'),
  'not-checked': () => ({
    what: 'Couldn’t check this.',
    why: 'The check failed or took too long.',
    todo: 'Check again.',
  }),

  connected: ({ interfaceName, address, router }) =>
    fine(`Connected through ${interfaceName}${address === undefined ? '' : ` (${address})`} to ${router}.`),
  'no-router': ({ interfaces }) => ({
    what: 'This computer has no default router.',
    why: `It is connected (${list(interfaces)}), but doesn’t know which way the internet is.`,
    todo: 'Set the network connection to automatic (DHCP), or enter the router’s address in it.',
  }),
  'no-dhcp': ({ interfaceName, address }) => ({
    what: `This computer got no address on ${interfaceName}.`,
    why: `${address} is one it gave itself, because no router assigned one.`,
    todo: 'Check the cable or the Wi-Fi password, then restart the router.',
  }),

  'no-adapters': () => fine('No VPN or virtual adapter is in the way.'),
  'idle-adapters': ({ names }) => fine(`Not in the way: ${list(names)}.`),
  'vpn-is-default': ({ interfaceName }) => ({
    what: `All traffic leaves through a VPN (${interfaceName}).`,
    why: 'Connections from the internet arrive at your router, but the answers leave through the VPN.',
    todo: 'Disconnect the VPN, or exclude your program from it. If the VPN offers port forwarding, turn it on there.',
  }),
  'virtual-router': ({ router, maker }) => ({
    what: `This computer is a virtual machine behind a virtual router (${maker}).`,
    why: `${router} belongs to ${maker}, not to your home: it forwards no ports.`,
    todo: 'Change the virtual machine’s network from NAT to “bridged”.',
  }),

  'search-passes': () => fine('Nothing on this computer blocks the search for routers.'),
  'answers-blocked': ({ firewall, where, protocols }) => ({
    what: `The firewall on this computer blocks the router’s answers.`,
    why: `${firewall}${inPlace(where)} drops answers over ${list(protocols)}.`,
    todo: 'Allow incoming UDP from the router’s ports 1900 and 5351, then check again.',
  }),

  protocols: ({ gateway, answered, silent }) =>
    fine(
      `${routerName(gateway)} answers over ${list(answered)}${silent.length === 0 ? '' : `, not over ${list(silent)}`}.`,
    ),
  'port-control-off': ({ router, menu }) => ({
    what: `Your router (${router}) doesn’t let programs open ports.`,
    why: 'UPnP, NAT-PMP and PCP are turned off or not supported.',
    todo: turnOn(menu, `Open http://${router}/ and turn on UPnP (sometimes under NAT, Firewall or Home Network).`),
  }),

  'one-gateway': ({ gateway }) => fine(`${routerName(gateway)} is the only router here.`),
  'several-gateways': ({ gateway, others }) => ({
    what: `There is more than one router here: ${list(gateway === '' ? others : [gateway, ...others])}.`,
    why:
      gateway === ''
        ? 'None of them is the default router that opens ports.'
        : `${gateway} is the default router, so Portkeeper uses it.`,
    todo: 'To use another one, enter its address in Settings.',
  }),

  'public-address': ({ gateway, external, isConfirmed }) =>
    fine(
      isConfirmed
        ? `${routerName(gateway)} has the public IP address ${external}, as seen from the internet, too.`
        : `${routerName(gateway)} has the public IP address ${external}.`,
    ),
  'double-nat': ({ gateway, external, upstream }) => ({
    what: 'Double NAT: there is another router in front of yours.',
    why: [
      ...(external === undefined ? [] : [`${routerName(gateway)} has the private address ${external}.`]),
      ...(upstream === undefined ? [] : [`The router in front of it is ${upstream.address}.`]),
      ...(upstream === undefined || upstream.protocols.length === 0
        ? []
        : [`It answers over ${list(upstream.protocols)}.`]),
    ].join(' '),
    todo:
      upstream === undefined || upstream.protocols.length === 0
        ? `Set the router in front to bridge mode, or forward the ports there to ${external ?? 'your router'}, too.`
        : 'Let Portkeeper open your ports on the router in front, too, or set that one to bridge mode.',
  }),
  'carrier-nat': ({ gateway, shared, isNext }) => ({
    what: 'Your internet provider shares one public address among several customers (CGNAT).',
    why: isNext
      ? `${routerName(gateway)} reports no public address, and the provider’s router next to it is ${shared}: addresses from 100.64.0.0/10 are reserved for sharing.`
      : `${routerName(gateway)} has the address ${shared}, which is reserved for sharing (100.64.0.0/10). Nobody on the internet can reach it.`,
    todo: 'Ask your provider for a public IPv4 address, or use IPv6.',
  }),
  'unusable-address': ({ gateway, external, scope }) => ({
    what: `${routerName(gateway)} has no address that the internet can reach.`,
    why: `${external} is reserved (${scope}).`,
    todo: 'Check the router’s internet connection, or ask your provider.',
  }),
  'stun-silent': ({ server }) => ({
    what: `The STUN server ${server} didn’t answer.`,
    why: 'Its name may be wrong, or something blocks UDP on the way.',
    todo: 'Check it in Settings, or choose another one.',
  }),
  'other-address': ({ gateway, external, seen }) => ({
    what: 'Another NAT is in front of your router.',
    why: `${routerName(gateway)} reports ${external}, but the internet sees ${seen}.`,
    todo: 'Ask your provider for a public IPv4 address, or look for another router between yours and the internet.',
  }),

  'nothing-wanted': () => fine('No port is to be open.'),
  'trial-opened': ({ gateway, port }) =>
    fine(`${routerName(gateway)} opened a port for a test (${port}), and closed it.`),
  open: ({ count }) => fine(count === 1 ? '1 port is open.' : `${count} ports are open.`),
  'under-way': ({ count }) => ({
    what: `${count === 1 ? '1 port isn’t' : `${count} ports aren’t`} open yet.`,
    why: 'The router has neither opened nor refused it so far.',
    todo: 'Check again in a moment.',
  }),
  paused: () => ({
    what: 'Portkeeper is paused.',
    why: 'All ports are closed until you resume.',
    todo: 'Resume in the tray menu or in the window.',
  }),
  'not-running': ({ count }) => ({
    what: 'Portkeeper isn’t running.',
    why: `${count === 1 ? '1 profile is' : `${count} profiles are`} turned on, but nothing keeps the ports open.`,
    todo: 'Start the app, or run: portkeeper serve',
  }),
  'writing-off': ({ gateway, code, menu }) => ({
    what: `${routerName(gateway)} lets programs look, but not open ports (${code}).`,
    why: 'Opening ports is a separate permission, and this computer doesn’t have it.',
    todo: permit(menu),
  }),

  listens: ({ places }) =>
    fine(
      places.length === 1
        ? `${programName(places[0]?.program ?? '')} listens on port ${places.map(portText).join('')}.`
        : `Programs listen on ports ${list(places.map(portText))}.`,
    ),
  'nothing-listens': (place) => ({
    what: `No program listens on port ${portText(place)}.`,
    why: 'The router forwards connections to this computer, where nobody answers.',
    todo: 'Start your program, and check which port it uses.',
  }),
  'loopback-only': ({ address, program, ...place }) => ({
    what: `${programName(program)} listens on port ${portText(place)} for this computer only.`,
    why: `It is bound to ${address}, which other devices can’t reach.`,
    todo: 'In the program’s settings, change the address it listens on to 0.0.0.0 (all addresses), then restart it.',
  }),
  'other-transport': ({ program, ...place }) => ({
    what: `No program listens on port ${portText(place)}.`,
    why: `${programName(program)} uses the same port over ${place.transport === 'tcp' ? 'UDP' : 'TCP'}.`,
    todo: `Change the forward to ${place.transport === 'tcp' ? 'UDP' : 'TCP'}, or to both.`,
  }),
  'other-interface': ({ address, program, ...place }) => ({
    what: `${programName(program)} listens on port ${portText(place)} at ${address} only.`,
    why: 'The router forwards to another address of this computer.',
    todo: 'In the program’s settings, change the address it listens on to 0.0.0.0 (all addresses), then restart it.',
  }),
  'device-refuses': ({ client, ...place }) => ({
    what: `No program listens on port ${portText(place)} of ${client}.`,
    why: 'The device is there, and refuses the connection.',
    todo: 'Start the program on that device, and check which port it uses.',
  }),
  'device-silent': ({ client, ...place }) => ({
    what: `${client} doesn’t answer on port ${portText(place)}.`,
    why: 'It may be off, have another address now, or have a firewall.',
    todo: 'Check that the device is on and still has this address.',
  }),
  'programs-unknown': () => ({
    what: 'Unknown whether a program listens.',
    why: 'The system doesn’t say, or the forward goes to another device over UDP.',
    todo: '',
  }),

  'no-firewall': () => fine('No firewall is on, as far as it can be seen.'),
  'firewall-lets-in': ({ firewall }) => fine(`The firewall (${firewall}) lets connections in.`),
  'firewall-blocks': ({ firewall, where, ...place }) => ({
    what: `The firewall on this computer blocks port ${portText(place)}.`,
    why: `${firewall}${inPlace(where)} lets no connection in from the internet.`,
    todo: firewallHelp(firewall, place),
  }),
  'firewall-unclear': ({ firewall }) => ({
    what: `A firewall is on (${firewall}).`,
    why: 'Its rules can’t be read without administrator rights.',
    todo: 'If nobody can connect, check that it allows your program.',
  }),

  'hairpin-works': ({ external, port }) => fine(`This computer reaches itself at ${external}:${port}.`),
  'hairpin-missing': ({ external, port }) => ({
    what: `This computer can’t reach itself at ${external}:${port}.`,
    why: 'Many routers don’t loop connections back. From outside it may well work.',
    todo: 'Test from outside, such as with a phone on mobile data. At home, use the internal address.',
  }),

  'ipv6-none': () => fine('This computer has no public IPv6 address.'),
  'ipv6-ready': ({ address }) => fine(`Public IPv6 address ${address}; the router opens its IPv6 firewall on request.`),
  'ipv6-closed': ({ address }) => ({
    what: 'The router doesn’t let programs open its IPv6 firewall.',
    why: `This computer has the public IPv6 address ${address}, but the router offers no way to let connections in.`,
    todo: 'Allow it on the router’s settings page (often “IPv6 firewall” or “pinholes”), or use IPv4.',
  }),

  'leases-fine': () => fine('Nothing unusual.'),
  'clock-wrong': () => ({
    what: 'The clock of this computer is wrong.',
    why: 'It is set to a time before this version of Portkeeper was made.',
    todo: 'Turn on automatic time in the system’s settings.',
  }),
  restarted: ({ gateway, at }) => ({
    what: `${routerName(gateway)} restarted, or lost its open ports, at ${clockTime(at, 'en')}.`,
    why: 'Portkeeper opens them again. If it happens often, the router or its connection is unstable.',
    todo: 'If it keeps happening, update the router’s software.',
  }),
  remembered: ({ gateway, traits }) =>
    fine(
      `Portkeeper has learned ${traits.length === 1 ? '1 workaround' : `${traits.length} workarounds`} for ${routerName(gateway)}.`,
    ),
};

function firewallHelp(firewall: string, { transport, port }: PortPlace): string {
  switch (firewall) {
    case 'ufw':
      return `Allow it: sudo ufw allow ${port}/${transport}`;
    case 'firewalld':
      return `Allow it: sudo firewall-cmd --add-port=${port}/${transport} --permanent, then sudo firewall-cmd --reload`;
    case 'macOS':
      return 'Allow your program in System Settings > Network > Firewall > Options.';
    case 'nftables':
      return `Add a rule that accepts it, such as: ${transport} dport ${port} accept`;
    default:
      return 'Allow your program in the firewall’s settings.';
  }
}
