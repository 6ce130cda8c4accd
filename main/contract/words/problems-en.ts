/** Problem texts in English. */
import type { IpAddress } from '../address.ts';
import type { Transport } from '../model.ts';
import type { LostContent } from '../fault-reasons.ts';
import type { Port } from '../units.ts';
import { valueText } from './catalogues.ts';
import { FAULTS_EN } from './faults-en.ts';
import { clockTime, durationText, numberText } from './formats.ts';
import { placeText, storageText } from './places.ts';
import type { DnsDelay, DnsRefusal } from '../dynamic-dns.ts';
import type { ProblemCatalogue } from '../problems.ts';

const portText = ({ transport, port }: { readonly transport: Transport; readonly port: Port }): string =>
  `${port}/${transport.toUpperCase()}`;

/** At the start of a sentence. `front`: the address of the router in front, where that is the one. */
const yourRouter = (front: IpAddress | undefined): string =>
  front === undefined ? 'Your router' : `The router in front of yours (${front})`;

const routerName = (name: string, front?: IpAddress): string =>
  front !== undefined ? yourRouter(front) : name === '' ? 'The router' : name;

/** Quoted messages need not end like a sentence. */
const whole = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const list = (names: readonly string[]): string => names.join(', ');

const otherPort = (suggestion: Port | undefined): string =>
  suggestion === undefined ? 'Choose another external port.' : `Use ${suggestion} as the external port instead?`;

const LOW_PORTS = 'Many routers keep ports below 1024 for themselves.';

const highPort = (suggestion: Port, wanted: Port): string =>
  `Use ${suggestion} as the external port instead? It can forward to internal port ${wanted}.`;

const FRITZBOX =
  'On a FRITZ!Box: turn on “Allow access for applications” and “Transmit status information over UPnP” (Home Network > Network > Network Settings), then “Permit independent port sharing” for this computer (Internet > Permit Access > Port Sharing).';

const AGAIN = 'Portkeeper will try again. If it keeps happening,';

/** The missing part, and what takes its place. */
const LOST: Readonly<Record<LostContent, string>> = {
  latest: 'Portkeeper uses the last good version; later changes are lost.',
  entries: 'Portkeeper uses the undamaged entries; the others are lost.',
  openings: 'Ports that were left open earlier close when their lease expires, unless a profile needs them.',
  all: 'Portkeeper starts without its contents.',
};

const NAME_REFUSED: Readonly<Record<DnsRefusal, string>> = {
  credentials: 'doesn’t accept the user name, password or token',
  'no-such-name': 'doesn’t know this name in your account',
  'bad-name': 'says that this is not a full host name',
  'too-many-names': 'doesn’t accept this number of names',
  blocked: 'has blocked the name or the account',
  'not-included': 'says that your plan doesn’t include this',
  client: 'doesn’t accept updates from Portkeeper',
  address: 'doesn’t accept your address',
};

const NAME_REMEDY: Readonly<Record<DnsRefusal, string>> = {
  credentials: 'Check them on the provider’s website, then enter them again in Settings.',
  'no-such-name': 'Check the name in Settings, and that it exists in your account.',
  'bad-name': 'Enter the whole name in Settings, such as home.example.org.',
  'too-many-names': 'Check the name in Settings.',
  blocked: 'Look on the provider’s website for what to do, then try again.',
  'not-included': 'Check your plan on the provider’s website, then try again.',
  client: 'Choose another provider in Settings, or ask this one.',
  address: 'Ask the provider, or choose another one in Settings.',
};

const NAME_DELAYED: Readonly<Record<DnsDelay, (provider: string, detail: string) => string>> = {
  unreachable: (provider, detail) => `${provider} can’t be reached${detail}.`,
  silent: (provider) => `${provider} didn’t answer in time.`,
  server: (provider, detail) => `${provider} reports a problem of its own${detail}.`,
  busy: (provider, detail) => `${provider} asks for a pause${detail}.`,
  garbled: (provider, detail) => `${provider} gave an answer that Portkeeper doesn’t understand${detail}.`,
  locked: () => 'The keyring of this computer is locked. Unlock it, or enter the password again in Settings.',
  elsewhere: () =>
    'The password was stored by the other program of Portkeeper, app or service. Enter it again in Settings.',
};

export const PROBLEMS_EN: ProblemCatalogue = {
  'no-network': () => ({
    what: 'This computer isn’t connected to a network.',
    why: 'None of its network interfaces has a usable address.',
    todo: 'Plug in the cable or join a Wi-Fi network. Portkeeper then opens your ports.',
  }),
  'no-gateway': ({ routers }) => ({
    what: 'No router answered.',
    why:
      routers.length === 0
        ? 'This computer has no default router.'
        : `${list(routers)} didn’t answer. It may be off, or a firewall on this computer may block the answers.`,
    todo: 'Check the connection to the router, or enter its address.',
  }),
  'port-control-off': ({ router }) => ({
    what: `Your router (${router}) doesn’t let programs open ports.`,
    why: 'UPnP, NAT-PMP and PCP are turned off or not supported.',
    todo: `Open http://${router}/ and turn on UPnP (sometimes under NAT, Firewall or Home Network), then try again.`,
  }),
  'router-url': ({ url, what, router }) => ({
    what: {
      'service-description': `The URL ${url} describes one of the router’s services, not the router.`,
      'web-page': `The URL ${url} is a web page, not the router’s UPnP description.`,
      'other-device': `The device described at ${url} has no service that opens ports.`,
      other: `The URL ${url} is not the router’s UPnP description.`,
      missing: `There is nothing at ${url}.`,
      closed: `Couldn’t connect to ${url}: the port is closed.`,
      silent: `Nothing answered at ${url}.`,
      password: `The URL ${url} asks for a password.`,
      forbidden: `The router denies access to ${url}.`,
    }[what],
    why: `Portkeeper therefore asked ${router} where its description is.`,
    todo: `Enter just the router’s address, ${router}, and Portkeeper finds the rest. If it finds no router there, turn on UPnP in the router’s settings.`,
  }),
  'router-password': ({ router }, front) => ({
    what: `${routerName(router, front)} asks for a password when programs want to open ports.`,
    why: 'It opens ports only for programs that sign in (TR-064).',
    todo: `Sign in with the user name and password of the router, or let programs open ports without them on its settings page. ${FRITZBOX}`,
  }),
  'router-confirmation': ({ router }, front) => ({
    what: `${routerName(router, front)} wants changes to be confirmed on the device.`,
    why: 'Portkeeper can’t do that for you. Such routers ask for a second factor: a button, a code or an app.',
    todo: 'On a FRITZ!Box, turn off “Additional confirmation” under System > FRITZ!Box Users > Login to the Home Network, or use UPnP instead.',
  }),
  'gateway-away': ({ gateway, since }, front) => ({
    what: `${routerName(gateway, front)} hasn’t answered since ${clockTime(since, 'en')}.`,
    why: 'It may be restarting, or the connection to it may be down.',
    todo: 'If it is restarting, wait: Portkeeper opens your ports again as soon as it is back. Otherwise, check its power and cables.',
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
    what: 'The system doesn’t let Portkeeper reach devices on your network.',
    why: 'The “Local Network” permission is missing.',
    todo: 'Allow it in System Settings > Privacy & Security > Local Network, then try again.',
  }),
  'network-not-approved': ({ name }) => ({
    what: `Portkeeper doesn’t open ports on this network${name === '' ? '' : ` (${name})`}.`,
    why: 'Portkeeper is set to open ports only on approved networks, and this one isn’t approved.',
    todo: 'Approve this network if you trust it.',
  }),
  'login-item-failed': ({ fault, detail }) => ({
    what: 'Portkeeper couldn’t be set to start at login.',
    why: {
      'not-installed': 'It is running from a temporary location.',
      path: 'The path of its folder has characters that a login item can’t contain.',
      'not-kept': 'The system didn’t keep the login item.',
      other: detail === '' ? 'The system gave no reason.' : `The system says: ${whole(detail)}`,
    }[fault],
    todo: {
      'not-installed':
        'Install Portkeeper (on macOS, move it to Applications), start it from there, then turn on Start at login again in Settings.',
      path: 'Move Portkeeper to a folder with a plain name, start it from there, then turn on Start at login again in Settings.',
      'not-kept':
        'Allow Portkeeper in the system’s list of login items and in any security software, then turn Start at login off and on again in Settings.',
      other: 'Turn Start at login off and on again in Settings, or add Portkeeper to the system’s list of login items.',
    }[fault],
  }),
  'traffic-denied': ({ gateway }) => ({
    what: `This computer doesn’t let Portkeeper send to ${gateway === '' ? 'the router' : gateway}.`,
    why: 'A firewall on this computer blocks it.',
    todo: 'Allow outgoing UDP to ports 1900 and 5351 on the local network, then try again.',
  }),
  'not-our-gateway': ({ wanted, known }) => ({
    what: `Couldn’t find the router “${wanted}”.`,
    why: known.length === 0 ? 'No router was found.' : `Found instead: ${list(known)}.`,
    todo: 'Check the name or address.',
  }),
  conflict: ({ holder, holderHost = holder, holderName, suggestion, ...at }, front) => ({
    what:
      holderHost !== undefined
        ? `${yourRouter(front)} already forwards port ${portText(at)} to ${holderHost}${holderName === undefined ? '' : ` (“${holderName}”)`}.`
        : // PCP and NAT-PMP have one word for both.
          `${yourRouter(front)} refused: port ${portText(at)} is already taken${at.port < 1024 ? ', or not allowed' : ''}.`,
    why:
      holderHost === undefined && at.port < 1024
        ? `An external port can forward to one device only. ${LOW_PORTS}`
        : 'An external port can forward to one device only.',
    todo: otherPort(suggestion),
  }),
  'conflict-in-router': ({ suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} refused: port ${portText(at)} is used by one of its own rules.`,
    why: 'Someone added a rule for it in the router’s settings, or the router uses the port itself.',
    todo: `${otherPort(suggestion)} Or delete the rule on the router’s settings page.`,
  }),
  'port-not-allowed': ({ suggestion, code, ...at }, front) => ({
    what: `${yourRouter(front)} doesn’t allow opening port ${portText(at)} (${code}).`,
    why:
      at.port < 1024
        ? LOW_PORTS
        : 'Its rules don’t allow it for this device. Some routers need a permission per device (on a FRITZ!Box, “Permit independent port sharing” under Internet > Permit Access > Port Sharing).',
    todo:
      suggestion === undefined
        ? 'Allow it on the router’s settings page, or choose another external port.'
        : highPort(suggestion, at.port),
  }),
  'only-for-itself': ({ client, ...at }, front) => ({
    what: `${yourRouter(front)} doesn’t let this computer open port ${portText(at)} for ${front === undefined ? client : `your router (${client})`}.`,
    why: 'Each device may open ports only for itself (“secure mode”).',
    todo:
      front === undefined
        ? `Run Portkeeper on ${client}, or add this rule on the router’s settings page.`
        : `Turn off “secure mode” at http://${front}/, or add this rule there.`,
  }),
  'one-transport': (at, front) => ({
    what: `${yourRouter(front)} can’t open port ${portText(at)}: it opens ${at.port} for TCP or UDP, not for both.`,
    why: `A rule for ${at.transport.toUpperCase()} would replace the one for ${at.transport === 'tcp' ? 'UDP' : 'TCP'}, which is open.`,
    todo: 'If your program can use different ports for TCP and UDP, make a forward of its own for each. Otherwise, update the router’s software.',
  }),
  'no-permanent-lease': (at, front) => ({
    what: `${yourRouter(front)} doesn’t open port ${portText(at)} permanently.`,
    why: 'It opens ports only for a limited time.',
    todo: 'Let Portkeeper choose the lease time. It renews the port automatically.',
  }),
  'same-port-only': ({ internal, ...at }, front) => ({
    what: `${yourRouter(front)} refused port ${portText(at)}: external and internal port must be the same.`,
    why: 'It can’t translate port numbers.',
    todo: `Use ${internal} as the external port${front === undefined ? `, or have your program listen on ${at.port}` : ''}.`,
  }),
  'one-per-internal-port': ({ internal, ...at }, front) => ({
    what: `${yourRouter(front)} can’t open port ${portText(at)}: another external port already forwards to ${internal}.`,
    why: 'NAT-PMP and PCP allow one external port per internal port, and this router supports nothing else.',
    todo: 'Close the other one, or turn on UPnP in the router’s settings.',
  }),
  'lease-too-short': (at, front) => ({
    what: `${yourRouter(front)} opens port ${portText(at)} for only ${durationText(at.lease, 'en')} at a time.`,
    why: 'That is too short to keep the port open without a break. Portkeeper asks again every 10 seconds.',
    todo: 'Restart the router or update its firmware, or choose another protocol in Settings.',
  }),
  'table-full': (at, front) => ({
    what: `${yourRouter(front)} has no room for port ${portText(at)}.`,
    why: 'Its list of open ports is full.',
    todo: 'Close ports you no longer need (see the router’s list), or restart the router.',
  }),
  'no-external-address': ({ gateway }, front) => ({
    what: `${routerName(gateway, front)} reports no usable public IP address.`,
    why: 'Its internet connection may be down, or your provider assigned a shared or private address, for which many routers don’t open ports.',
    todo: 'Check its internet connection. With a shared address, ask your provider for a public one, or use IPv6.',
  }),
  'external-address-unknown': ({ gateway }, front) => ({
    what: `${routerName(gateway, front)} doesn’t report its public IP address.`,
    why: 'Not every router does, even with a working internet connection.',
    todo: 'Look it up on the router’s settings page, or on a website that shows your IP address.',
  }),
  'behind-another-nat': ({ gateway, external, beyond }, front) => ({
    what: `Ports on ${front !== undefined ? `the router in front of yours (${front})` : gateway === '' ? 'the router' : gateway} can’t be reached from the internet.`,
    why:
      beyond === undefined
        ? `Its external IP address, ${external}, isn’t public: another router or your provider’s NAT is in front of it.`
        : `Another router, ${beyond}, is in front of it, although it reports ${external} as its address.`,
    todo: 'Forward the ports on the router in front as well, set that one to bridge mode, or ask your provider for a public address.',
  }),
  'upstream-closed': ({ router, gateway, client }) => ({
    what: `The router in front, ${router}, doesn’t open ports.`,
    why:
      client === undefined
        ? `It doesn’t answer NAT-PMP. ${gateway === '' ? 'Your router' : gateway} doesn’t report its address there, which UPnP and PCP would need.`
        : 'It doesn’t answer UPnP, NAT-PMP or PCP from here.',
    todo: `Turn on ${client === undefined ? 'NAT-PMP' : 'UPnP or NAT-PMP'} at http://${router}/. Otherwise, forward your ports there to ${client ?? (gateway === '' ? 'your router' : gateway)} yourself, and stop opening them with Portkeeper.`,
  }),
  'pinholes-off': (at) => ({
    what: `Your router doesn’t open port ${portText(at)} for IPv6.`,
    why: 'Devices may not open its IPv6 firewall.',
    todo: 'Turn on IPv6 pinholes (“IPv6 port sharing”) on the router’s settings page.',
  }),
  'wrong-family': ({ family, ...at }) => ({
    what: `Port ${portText(at)} can’t be opened over ${family === 'ipv6' ? 'IPv6' : 'IPv4'}.`,
    why:
      family === 'ipv6' ? 'This computer has no public IPv6 address here.' : 'This computer has no IPv4 address here.',
    todo: family === 'ipv6' ? 'Use IPv4, or turn on IPv6 in the router.' : 'Use IPv6.',
  }),
  'router-refused': ({ code, suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} refused to open port ${portText(at)} (${code}).`,
    why: `Portkeeper doesn’t know the reason for this error code.${suggestion === undefined ? '' : ` ${LOW_PORTS}`}`,
    todo:
      suggestion === undefined
        ? 'Check the router’s settings page for UPnP or port sharing rules, or restart the router.'
        : highPort(suggestion, at.port),
  }),
  'router-failed': ({ code, external, suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} couldn’t open port ${portText(at)} (${code}).`,
    why: [
      'It gave no reason.',
      ...(external === undefined
        ? []
        : [`Its internet connection is up (public IP ${external}); its firewall may not have accepted the rule.`]),
      ...(suggestion === undefined ? [] : [LOW_PORTS]),
    ].join(' '),
    todo: suggestion === undefined ? `${AGAIN} restart the router.` : highPort(suggestion, at.port),
  }),
  'firewall-failed': ({ code, external, ...at }, front) => ({
    what: `${yourRouter(front)} accepted the request for port ${portText(at)}, but its firewall did not (${code}).`,
    why: `Its internet connection is up (public IP ${external}), so adding the firewall rule failed. On OpenWrt, the firewall chains for UPnP are often missing.`,
    todo: `${AGAIN} restart the router’s firewall and then its UPnP service (on OpenWrt: service firewall restart, service miniupnpd restart), or the router itself.`,
  }),
  'router-garbled': ({ seen }, front) => ({
    what: `${yourRouter(front)} answered in a way that Portkeeper can’t read.`,
    why:
      seen === ''
        ? 'Its answer to the request to open a port is empty.'
        : `Its answer to the request to open a port begins with “${seen}”.`,
    todo: `${AGAIN} restart the router or update its software.`,
  }),
  'open-unanswered': ({ how }, front) => ({
    what: {
      'hung-up': `${yourRouter(front)} closes the connection when asked to open a port.`,
      silent: `${yourRouter(front)} doesn’t answer when asked to open a port.`,
      'not-there': `${yourRouter(front)} gives an address for opening ports where nothing answers.`,
    }[how],
    why: 'It answers other requests, so the connection to it works. It gave no reason.',
    todo: `${AGAIN} restart the router or update its software.`,
  }),
  'listed-but-dead': (at, front) => ({
    what: `${yourRouter(front)} lists port ${portText(at)} as open, but no connection gets through.`,
    why: 'The router may have lost the rule, a firewall may block it, or no program is listening.',
    todo: 'Portkeeper opened it again. If that doesn’t help, check that your program is running and that this computer’s firewall allows it.',
  }),
  'storage-failed': ({ path, fault }) => ({
    what: `Couldn’t record open ports in ${path}.`,
    why: storageText(fault, 'en'),
    todo: 'Free up space or allow writing there. Your ports stay open, but Portkeeper couldn’t close them after a crash.',
  }),
  'journal-unreadable': ({ path, fault }) => ({
    what: `Couldn’t read ${path}, the record of open ports.`,
    why: storageText(fault, 'en', 'read'),
    todo: `Allow reading there, then restart Portkeeper. Profiles work as usual. ${LOST.openings}`,
  }),
  'set-aside': ({ path, kept, lost }) => ({
    what: `Couldn’t read ${path}.`,
    why: 'The file is damaged, or was edited by hand with a mistake.',
    todo: `${LOST[lost]} ${
      kept === undefined
        ? 'Until the file can be renamed, nothing new is saved there.'
        : `The unusable file was kept as ${kept}.`
    }`,
  }),
  'profiles-unreadable': ({ path, fault }) => ({
    what: `Couldn’t read profiles and settings from ${path}.`,
    why: storageText(fault, 'en', 'read'),
    todo:
      fault === 'unreadable'
        ? 'Restore the file from a backup, or add your profiles again: the unusable file is then kept under another name. Open ports stay open until you quit Portkeeper.'
        : 'Allow reading there. Until then, open ports stay open and the file isn’t changed.',
  }),
  'profiles-not-stored': ({ path, fault }) => ({
    what: `Couldn’t save the change to ${path}.`,
    why: storageText(fault, 'en'),
    todo: 'Free up space or allow writing there; Portkeeper then saves it. If Portkeeper quits before that, the change is lost.',
  }),
  'profiles-misunderstood': ({ kept, place, fault }) => ({
    what: 'Some profiles or settings couldn’t be read.',
    why: `${placeText(place, 'en')}${place === '' ? '' : ` (${place})`}: ${valueText(FAULTS_EN, fault) ?? fault.code}.`,
    todo: `The rest is used, and open ports stay open until you quit Portkeeper. ${
      kept === undefined
        ? 'The file isn’t changed until a copy of it can be saved.'
        : `The original was kept as ${kept}: correct it there, then import it.`
    }`,
  }),
  'profiles-switched-off': ({ name, count, most }) => ({
    what: 'Profiles with too many ports are turned off.',
    why: `With “${name}” they come to ${numberText(count, 'en')} ports (TCP and UDP count separately); the limit is ${numberText(most, 'en')}.`,
    todo: 'Choose smaller ranges or remove ports, then turn on what you need.',
  }),
  'name-refused': ({ name, provider, why, detail }) => ({
    what: `Updates for ${name} have stopped.`,
    why: `${provider} ${NAME_REFUSED[why]}${detail === '' ? '' : ` (${detail})`}.`,
    todo: NAME_REMEDY[why],
  }),
  'name-not-updated': ({ name, provider, why, detail, until }) => ({
    what: `Couldn’t update ${name}, which may still point to your previous address.`,
    why: NAME_DELAYED[why](provider, detail === '' ? '' : ` (${detail})`),
    todo: `Portkeeper tries again at ${clockTime(until, 'en')}.`,
  }),
  'address-command-failed': ({ program, how, detail }) => ({
    what: `Your command for a new address, ${program}, ${how === 'not-started' ? 'didn’t start' : how === 'too-long' ? 'was ended' : 'failed'}.`,
    why:
      how === 'not-started'
        ? `The system reports ${detail}.`
        : how === 'too-long'
          ? 'It was still running after a minute.'
          : detail === ''
            ? 'It was ended from outside.'
            : `It ended with exit code ${detail}.`,
    todo: 'What it printed is in Portkeeper’s log. It runs again with the next new address, or when you change the setting.',
  }),
  'commands-unreachable': ({ path, fault }) => ({
    what: 'Other Portkeeper commands can’t reach this one.',
    why: `Couldn’t save to ${path}. ${storageText(fault, 'en')}`,
    todo: 'Your ports are kept open. Free up space or allow writing there, then restart Portkeeper.',
  }),
};
