/** What is said about problems, in English. */
import type { Transport } from '../model.ts';
import type { LostContent } from '../fault-reasons.ts';
import type { Port } from '../units.ts';
import { valueText } from './catalogues.ts';
import { FAULTS_EN } from './faults-en.ts';
import { clockTime, durationText } from './formats.ts';
import { placeText, storageText } from './places.ts';
import type { ProblemCatalogue } from '../problems.ts';

const portText = ({ transport, port }: { readonly transport: Transport; readonly port: Port }): string =>
  `${port}/${transport.toUpperCase()}`;

const routerName = (name: string): string => (name === '' ? 'The router' : name);

/** What others said need not end like a sentence. */
const whole = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const list = (names: readonly string[]): string => names.join(', ');

const otherPort = (suggestion: Port | undefined): string =>
  suggestion === undefined ? 'Choose another outside port.' : `Use ${suggestion} as the outside port instead?`;

const LOW_PORTS = 'Many routers keep ports below 1024 for themselves.';

const highPort = (suggestion: Port, wanted: Port): string =>
  `Use ${suggestion} as the external port instead? It can forward to internal port ${wanted}.`;

const AGAIN = 'Portkeeper will try again. If it keeps happening,';

/** What is missing, and what takes its place. */
const LOST: Readonly<Record<LostContent, string>> = {
  latest: 'The last good version is used; later changes are missing.',
  entries: 'The undamaged entries are used; the others are missing.',
  openings: 'Ports that an earlier run left open close only when their lease expires, unless a profile needs them.',
  all: 'Portkeeper starts over without what was in it.',
};

export const PROBLEMS_EN: ProblemCatalogue = {
  'no-network': () => ({
    what: 'This computer is not connected to a network.',
    why: 'None of its network interfaces has a usable address.',
    todo: 'Connect the cable or the Wi-Fi. What you want open is opened as soon as the network is there.',
  }),
  'no-gateway': ({ routers }) => ({
    what: 'No router answered.',
    why:
      routers.length === 0
        ? 'This computer knows no default router.'
        : `Nothing came back from ${list(routers)}: it may be off, or a firewall on this computer may block the answers.`,
    todo: 'Check the connection to the router, or name it yourself with its address.',
  }),
  'port-control-off': ({ router }) => ({
    what: `Your router (${router}) is there, but it does not let programs open ports.`,
    why: 'UPnP, NAT-PMP and PCP are switched off in it, or it knows none of them.',
    todo: `Open http://${router}/ and switch on "UPnP" (sometimes under NAT, Firewall or Home network), then try again.`,
  }),
  'gateway-away': ({ gateway, since }) => ({
    what: `${routerName(gateway)} has not answered since ${clockTime(since, 'en')}.`,
    why: 'It may be restarting, or the connection to it is broken.',
    todo: 'Nothing, if it is restarting: all is opened again as soon as it is back. Otherwise check its power and cables.',
  }),
  'not-default-router': ({ gateway, address, router }) => ({
    what: `Not your default router: opened on ${gateway === '' ? address : `${address} (${gateway})`}.`,
    why:
      router === undefined
        ? 'Nothing that opens ports answered on your default route.'
        : `Your default router (${router}) didn’t answer any request to open ports.`,
    todo: 'Turn on UPnP, NAT-PMP or PCP in your default router, and the ports move there automatically. If you meant to use this one, enter its address in Settings.',
  }),
  'local-network-denied': () => ({
    what: 'The system does not let Portkeeper talk to devices in your home.',
    why: 'The "Local Network" permission is missing.',
    todo: 'Allow it in System Settings, Privacy & Security, Local Network, then try again.',
  }),
  'network-not-approved': ({ name }) => ({
    what: `Nothing is opened on this network${name === '' ? '' : ` (${name})`}.`,
    why: 'You let Portkeeper open ports on approved networks only, and this one is not among them.',
    todo: 'Approve this network if you trust it.',
  }),
  'login-item-failed': ({ fault, detail }) => ({
    what: 'Portkeeper could not arrange to start when you log in.',
    why: {
      'not-installed': 'It runs from a place that does not last.',
      path: 'The name of the program’s folder has characters that a login item cannot have.',
      'not-kept': 'The system has not kept the entry.',
      other: detail === '' ? 'The system gave no reason.' : `The system says: ${whole(detail)}`,
    }[fault],
    todo: {
      'not-installed':
        'Install Portkeeper (on macOS: move it to Applications), start it from there, and switch it on once more in the settings.',
      path: 'Move Portkeeper to a folder with a plain name, start it from there, and switch it on once more in the settings.',
      'not-kept':
        'Allow Portkeeper in the system’s own list of login items and in any security program, then switch it off and on again in the settings.',
      other: 'Switch it off and on again in the settings, or add Portkeeper to the system’s own list of login items.',
    }[fault],
  }),
  'traffic-denied': ({ gateway }) => ({
    what: `This computer does not let Portkeeper send to ${gateway === '' ? 'the router' : gateway}.`,
    why: 'A firewall on this computer forbids it.',
    todo: 'Allow outgoing UDP to ports 1900 and 5351 in the local network, then try again.',
  }),
  'not-our-gateway': ({ wanted, known }) => ({
    what: `No router called "${wanted}" was found.`,
    why: known.length === 0 ? 'None was found at all.' : `These were found: ${list(known)}.`,
    todo: 'Check the name or address.',
  }),
  conflict: ({ holder, holderName, suggestion, ...at }) => ({
    what:
      holder !== undefined
        ? `Your router refused: port ${portText(at)} belongs to ${holder}${holderName === undefined ? '' : ` ("${holderName}")`}.`
        : // PCP and NAT-PMP have one word for both.
          `Your router refused: port ${portText(at)} is already taken${at.port < 1024 ? ', or not allowed' : ''}.`,
    why:
      holder === undefined && at.port < 1024
        ? 'One outside port can lead to one device only, and many routers keep ports below 1024 for themselves.'
        : 'One outside port can lead to one device only.',
    todo: otherPort(suggestion),
  }),
  'conflict-in-router': ({ suggestion, ...at }) => ({
    what: `Your router refused: port ${portText(at)} is taken by a rule of its own.`,
    why: 'Somebody made a rule for it in the router’s pages, or the router uses the port itself.',
    todo: `${otherPort(suggestion)} Or remove the rule in the router’s pages.`,
  }),
  'port-not-allowed': ({ suggestion, code, ...at }) => ({
    what: `Your router does not allow port ${portText(at)} to be opened (${code}).`,
    why:
      at.port < 1024
        ? 'Many routers keep ports below 1024 for themselves.'
        : 'Its rules forbid it for this device. Some routers want a permission per device ("allow independent port sharing").',
    todo:
      suggestion === undefined
        ? 'Allow it in the router’s pages, or choose another outside port.'
        : `Use ${suggestion} as the outside port instead? It can lead to ${at.port} inside.`,
  }),
  'only-for-itself': ({ client, ...at }) => ({
    what: `Your router does not let this computer open port ${portText(at)} for ${client}.`,
    why: 'It lets each device open ports only for itself ("secure mode").',
    todo: `Run Portkeeper on ${client}, or make this rule in the router’s pages.`,
  }),
  'no-permanent-lease': (at) => ({
    what: `Your router does not open port ${portText(at)} for good.`,
    why: 'It gives ports for a limited time only.',
    todo: 'Leave the lease time to Portkeeper: it renews by itself.',
  }),
  'same-port-only': ({ internal, ...at }) => ({
    what: `Your router refused ${portText(at)}: outside and inside port must be the same.`,
    why: 'It cannot translate port numbers.',
    todo: `Use ${internal} outside as well, or let your program listen on ${at.port}.`,
  }),
  'one-per-internal-port': ({ internal, ...at }) => ({
    what: `Port ${portText(at)} cannot be opened: another outside port already leads to ${internal}.`,
    why: 'PCP and NAT-PMP allow one outside port per inside port, and this router offers nothing else.',
    todo: 'Close the other one, or switch on UPnP in the router.',
  }),
  'lease-too-short': (at) => ({
    what: `Your router opens port ${portText(at)} for only ${durationText(at.lease, 'en')} at a time.`,
    why: 'That is too short to keep the port open without a break. Portkeeper asks again every 10 seconds.',
    todo: 'Restart the router or update its firmware, or choose another protocol in Settings.',
  }),
  'table-full': (at) => ({
    what: `Your router has no room left for port ${portText(at)}.`,
    why: 'Its list of open ports is full.',
    todo: 'Close ports that nobody needs (see the router’s list), or restart the router.',
  }),
  'no-external-address': ({ gateway }) => ({
    what: `${routerName(gateway)} reports no usable public IP address.`,
    why: 'Its internet connection may be down, or the provider gave it a shared or private address, for which many routers open no ports.',
    todo: 'Check its internet connection. With a shared address, ask your provider for a public one, or use IPv6.',
  }),
  'external-address-unknown': ({ gateway }) => ({
    what: `${routerName(gateway)} doesn’t report its public IP address.`,
    why: 'Not every router does, even with a working internet connection.',
    todo: 'Look it up on the router’s settings page, or on a website that shows your IP address.',
  }),
  'behind-another-nat': ({ gateway, external }) => ({
    what: `Ports that ${gateway === '' ? 'the router' : gateway} opens cannot be reached from the internet.`,
    why: `Its outside address ${external} is not a public one: another router, or your provider, stands in front of it.`,
    todo: 'Forward the ports in the router in front as well, use it as a modem only, or ask your provider for a public address.',
  }),
  'pinholes-off': (at) => ({
    what: `Your router does not open IPv6 port ${portText(at)}.`,
    why: 'Opening its IPv6 firewall from inside is switched off.',
    todo: 'Switch on IPv6 pinholes (PCP, "IPv6 port sharing") in the router’s pages.',
  }),
  'wrong-family': ({ family, ...at }) => ({
    what: `Port ${portText(at)} cannot be opened over ${family === 'ipv6' ? 'IPv6' : 'IPv4'}.`,
    why:
      family === 'ipv6' ? 'This computer has no public IPv6 address here.' : 'This computer has no IPv4 address here.',
    todo: family === 'ipv6' ? 'Use IPv4, or switch on IPv6 in the router.' : 'Use IPv6.',
  }),
  'router-refused': ({ code, suggestion, ...at }) => ({
    what: `Your router refused to open port ${portText(at)} (${code}).`,
    why: `It gave no reason that Portkeeper knows.${suggestion === undefined ? '' : ` ${LOW_PORTS}`}`,
    todo:
      suggestion === undefined
        ? 'Look into the router’s pages for UPnP or port sharing rules; a restart of the router helps some.'
        : highPort(suggestion, at.port),
  }),
  'router-failed': ({ code, external, suggestion, ...at }) => ({
    what: `Your router couldn’t open port ${portText(at)} (${code}).`,
    why: [
      'It gave no reason.',
      ...(external === undefined
        ? []
        : [`Its internet connection is up (public IP ${external}); its firewall may not have accepted the rule.`]),
      ...(suggestion === undefined ? [] : [LOW_PORTS]),
    ].join(' '),
    todo: suggestion === undefined ? `${AGAIN} restart the router.` : highPort(suggestion, at.port),
  }),
  'firewall-failed': ({ code, external, ...at }) => ({
    what: `Your router accepted the request for port ${portText(at)}, but its firewall did not (${code}).`,
    why: `Its internet connection is up (public IP ${external}), so adding the firewall rule failed. On OpenWrt, the firewall chains for UPnP are often missing.`,
    todo: `${AGAIN} restart the router’s firewall and then its UPnP service (on OpenWrt: service firewall restart, service miniupnpd restart), or the router itself.`,
  }),
  'router-garbled': ({ gateway, seen }) => ({
    what: 'Your router answered in a way that Portkeeper can’t read.',
    why:
      seen === ''
        ? `${routerName(gateway)} sent an empty answer to the request to open a port.`
        : `The answer of ${gateway === '' ? 'the router' : gateway} to the request to open a port begins with "${seen}".`,
    todo: `${AGAIN} restart the router or update its software.`,
  }),
  'open-unanswered': ({ gateway, how }) => ({
    what: {
      'hung-up': 'Your router closes the connection when asked to open a port.',
      silent: 'Your router doesn’t answer when asked to open a port.',
      'not-there': 'Your router has nothing at the address it gives for opening ports.',
    }[how],
    why: `${routerName(gateway)} answers other requests, so the connection to it works. It gave no reason.`,
    todo: `${AGAIN} restart the router or update its software.`,
  }),
  'listed-but-dead': (at) => ({
    what: `Your router lists port ${portText(at)} as open, but nothing comes through from outside.`,
    why: 'The router lost the rule behind it, a firewall blocks it, or no program listens.',
    todo: 'It was opened anew. If it stays so, check that your program runs and that this computer’s firewall lets it in.',
  }),
  'storage-failed': ({ path, fault }) => ({
    what: `What is open could not be written down in ${path}.`,
    why: storageText(fault, 'en'),
    todo: 'Make room or permit writing there. Ports stay open; after a crash, they could not be closed by themselves.',
  }),
  'journal-unreadable': ({ path, fault }) => ({
    what: `Couldn’t read ${path}, the record of open ports.`,
    why: storageText(fault, 'en', 'read'),
    todo: `Allow reading there, then restart Portkeeper. Profiles work as usual. ${LOST.openings}`,
  }),
  'set-aside': ({ path, kept, lost }) => ({
    what: `${path} could not be read.`,
    why: 'It was damaged, or changed by hand with a mistake.',
    todo: `${LOST[lost]} ${
      kept === undefined
        ? 'The file stays where it is until it can be renamed; until then nothing new is saved there.'
        : `The unusable file is kept as ${kept}.`
    }`,
  }),
  'profiles-unreadable': ({ path, fault }) => ({
    what: `Profiles and settings cannot be read from ${path}.`,
    why: storageText(fault, 'en', 'read'),
    todo:
      fault === 'unreadable'
        ? 'Restore the file from a backup, or add your profiles again: the unusable file is then kept under another name. Ports that were open stay open until Portkeeper quits.'
        : 'Allow reading there. Until then, ports that were open stay open, and nothing in the file is changed.',
  }),
  'profiles-not-stored': ({ path, fault }) => ({
    what: `Couldn’t save the change to ${path}.`,
    why: storageText(fault, 'en'),
    todo: 'Free up space or allow writing there; Portkeeper then saves it. If Portkeeper quits before that, the change is lost.',
  }),
  'profiles-misunderstood': ({ kept, place, fault }) => ({
    what: 'A part of the profiles and settings could not be understood.',
    why: `${placeText(place, 'en')}${place === '' ? '' : ` (${place})`}: ${valueText(FAULTS_EN, fault) ?? fault.code}.`,
    todo: `What could be understood is used; ports that were open stay open until Portkeeper quits. ${
      kept === undefined
        ? 'The file is not changed before a copy of it can be saved.'
        : `The whole is kept as ${kept}: correct it there and import it.`
    }`,
  }),
  'commands-unreachable': ({ path, fault }) => ({
    what: 'Other Portkeeper commands can’t reach this one.',
    why: `Nothing can be saved in ${path}. ${storageText(fault, 'en')}`,
    todo: 'Your ports are kept open. Free up space or allow writing there, then restart Portkeeper.',
  }),
};
