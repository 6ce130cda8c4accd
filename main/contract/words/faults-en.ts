/** Why something is refused, in English. */
import type { UnreachableReason } from '../mapping.ts';
import type { ControlKind } from '../model.ts';
import { valueText, fileFaultIn, type FaultCatalogue, type FileCatalogue } from './catalogues.ts';
import { placeText, storageText } from './places.ts';
import type { FilePlace, PortField } from '../fault-reasons.ts';

const THINGS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};

const PROTOCOLS: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP for IPv6',
};

/** Said of a router. */
const SILENCE: Readonly<Record<UnreachableReason, string>> = {
  timeout: 'did not answer. Check that it is on and that this computer is connected to it, then try again.',
  refused: 'no longer listens where it did: it is restarting, or its UPnP was switched off. Try again in a minute.',
  reset: 'broke off the connection. Some routers need a moment: try again.',
  'no-route': 'cannot be reached. Check that it is on and that this computer is on its network, then try again.',
  denied: 'was not asked: a firewall on this computer forbids it. Allow Portkeeper to talk to the local network.',
  'local-network':
    'was not asked: the "Local Network" permission is missing. Allow it in System Settings, Privacy & Security, Local Network.',
};

const named = (thing: string): string => THINGS[thing] ?? thing;

export const FAULTS_EN: FaultCatalogue = {
  values: {
    missing: () => 'is missing',
    unexpected: ({ what }) => `there is no ${what} here`,
    'too-long': ({ most }) => `is too long: ${most} at most`,
    'too-short': ({ least }) => `is too short: ${least} at least`,
    'too-large': ({ most }) => `is too large: ${most} at most`,
    'too-small': ({ least }) => `is too small: ${least} at least`,
    'whole-number': () => 'must be a whole number',
    empty: () => 'must not be empty',
    'wrong-type': ({ expected, received }) => `must be ${expected.map(named).join(' or ')}, not ${named(received)}`,
    invalid: () => 'is not as it must be',
    'one-line': () => 'must be one line, without control characters',
    'name-needed': () => 'a name is needed',
    port: () => 'must be a port from 1 to 65535',
    id: () => 'must be an id: lower-case letters, digits and -',
    'transports-needed': () => 'TCP, UDP or both are needed',
    'families-needed': () => 'IPv4, IPv6 or both are needed',
    'each-once': () => 'each only once',
    'ip-address': () => 'must be an IP address',
    lease: () => 'must be whole seconds from 1 to 4294967295, or "permanent"',
    'range-backwards': () => 'the range ends before it begins',
    'too-many-mappings': ({ count, most }) =>
      `asks for ${count} ports in total (TCP and UDP count separately): ${most} at most`,
    'range-too-wide': ({ most }) => `a range has ${most} ports at most`,
    'inside-too-high': () => 'the inside range ends above 65535',
    'ports-twice': ({ ports }) => `asks for outside port ${ports}, which another forward of this profile asks for too`,
    'id-twice': ({ id }) => `another profile has the id ${id} too`,
    'newer-version': ({ known }) => `was written by a newer Portkeeper: this one knows up to ${known}`,
    'unknown-version': ({ version }) => `is no version that ever was: ${version}`,
    'router-place': () => 'must be an IP address, or an http URL such as http://192.168.1.1:5000/rootDesc.xml',
    'file-too-large': ({ mebibytes }) => `is larger than ${mebibytes} MiB: that is no list of ports`,
    other: ({ text }) => text,
  },
  commands: {
    'bad-input': ({ place, why, more }) =>
      `${placeText(place, 'en')}: ${valueText(FAULTS_EN, why) ?? FAULTS_EN.values.invalid({})}${more > 0 ? ` (and ${more} more)` : ''}.`,
    'bad-file': (fault) => fileFaultIn(FILES_EN, fault) ?? fault.file,
    'no-such-command': ({ name }) => (name === '' ? 'There is no such command.' : `There is no command "${name}".`),
    'no-such-profile': ({ id }) => `There is no profile "${id}".`,
    'nothing-to-restore': ({ id }) => `No profile "${id}" was removed since Portkeeper started.`,
    'too-many-profiles': ({ most }) => `There are ${most} profiles at most. Remove one first.`,
    'too-many-mappings': ({ count, most }) =>
      `All profiles together would have ${count} ports (TCP and UDP count separately); the limit is ${most}. Remove a profile or choose smaller ranges.`,
    'profiles-clash': ({ one, other, ports }) =>
      `"${one}" and "${other}" both ask for outside port ${ports}. Switch "${other}" off, or choose another outside port.`,
    'ports-of-profile': ({ ports, profile, id }) =>
      `Port ${ports} is kept open by the profile "${profile}". Switch it off first (portkeeper profile off ${id}).`,
    'ports-held': ({ ports, from, label }) =>
      from === 'terminal'
        ? `Port ${ports} is already open from a terminal (${label}). Stop it there, or choose another external port.`
        : `Port ${ports} is already open from a list (${label}). Remove it there, or choose another external port.`,
    'no-such-hold': () => 'These ports are no longer kept open.',
    'not-stored': ({ path, fault }) =>
      `It could not be written down in ${path}, and was not done. ${storageText(fault, 'en')} Make room or permit writing there, then try again.`,
    'not-read': () =>
      'Nothing was changed: what is stored cannot be read now. Look at the problem that is shown, then try again.',
    'no-such-forward': ({ forward }) =>
      `No profile has the forward "${forward}". It may have been changed or removed meanwhile.`,
    'same-port-over-ipv6': () =>
      'Over IPv6 a port is the same outside and inside. Change the inside port of the profile instead.',
    'no-room-for-range': ({ most }) => `The range would end above 65535. Its first port must be ${most} at most.`,
    'ports-claimed': ({ profile, ports }) =>
      `Another forward of "${profile}" asks for outside port ${ports} already. Choose another one.`,
    'no-network': () =>
      'There is no network to approve: this computer is not connected to one. Connect it, then try again.',
    'too-many-networks': ({ most }) =>
      `There is room for ${most} approved networks, and no more. Remove one of them first.`,
    'no-such-gateway': () =>
      'There is no such router here, or no longer. Search for routers again, then choose one of the list.',
    'cannot-list': ({ gateway, speaks }) =>
      `${gateway} speaks ${speaks.map((kind) => PROTOCOLS[kind]).join(' and ')}, which cannot list what is open. UPnP could: switch it on in the router to see the list.`,
    'gateway-unreachable': ({ gateway, why }) => `${gateway} ${SILENCE[why]}`,
    'gateway-garbled': ({ gateway }) =>
      `${gateway} gave an answer that makes no sense. The log has it; try again, or restart the router.`,
    'gateway-refused': ({ gateway, why, failure }) => {
      if (why === 'not-authorized')
        return `${gateway} does not allow it. Look whether its pages have a setting for that. (${failure})`;
      if (why === 'unsupported') return `${gateway} does not know how to do that. (${failure})`;
      return `${gateway} refused (${failure}). Try again; if it stays like this, restart the router.`;
    },
    'counts-no-traffic': ({ gateway }) =>
      `${gateway} does not count the bytes of its internet connection, or does not tell. UPnP routers can: see whether it has a setting for that.`,
    'asked-enough': ({ gateway }) =>
      `${gateway} has been asked as often as is good for it in this minute. Try again in the next.`,
    'entry-untold': ({ gateway, port }) =>
      `${gateway} does not tell what ${port} leads to, so nothing was closed. Read its table again, or close it on the router’s own pages.`,
    'entry-elsewhere': ({ port, holder, name }) =>
      `Port ${port} belongs to ${holder === '' ? 'another device' : holder}${name === '' ? '' : ` ("${name}")`} by now, so nothing was closed. Read the table again to see what is there.`,
    'entry-wanted': ({ port, profile }) =>
      `Port ${port} is held open by "${profile}", which would open it again. Switch "${profile}" off instead.`,
    'entry-refused': ({ gateway, port, why, failure }) => {
      if (why === 'not-authorized' || why === 'only-for-itself' || why === 'conflict')
        return `${gateway} lets only the device itself close ${port} (${failure}). Close it there, or on the router’s own pages.`;
      if (why === 'absent')
        return `${gateway} lists ${port}, but says that it is not there when asked to close it (${failure}). Close it on the router’s own pages.`;
      if (why === 'unsupported')
        return `${gateway} does not know how to close ${port} (${failure}). Close it on the router’s own pages.`;
      return `${gateway} did not close ${port} (${failure}). Try again; if it stays, close it on the router’s own pages.`;
    },
    'entry-unsure': ({ gateway, port, why }) =>
      `${gateway} ${why === 'garbled' ? 'gave an answer that makes no sense.' : SILENCE[why]} Read its table again to see whether ${port} was closed.`,
    'entry-still-there': ({ gateway, port }) =>
      `${gateway} did not close ${port} yet. Portkeeper tries again until it is closed, or its time there is over.`,
    'unknown-router': () =>
      'Nothing is remembered about this router, and it is not here. Read again what is remembered.',
    'no-such-trait': ({ trait, known }) => `There is no trait "${trait}". There are: ${known.join(', ')}.`,
    'trait-value': ({ trait, may }) => `The trait "${trait}" cannot have this value. It may be ${may.join(' or ')}.`,
    'no-demo': () => 'There is no simulated router here. The app and "portkeeper serve" have one.',
    'demo-failed': ({ fault }) => `The simulated router could not be started: ${fault}. Try again.`,
    'not-running': () => 'Portkeeper is not running. Start the app, or: portkeeper serve',
    'no-desktop': ({ folder }) => `There is no desktop here to show it on. It is ${folder}`,
    'nothing-fetched': () => 'No newer version has been fetched yet. Look for one first.',
    'is-service': () => 'Portkeeper runs as a service here. End it where it was started.',
    'no-self-update': () => 'This Portkeeper does not update itself: whatever installed it does.',
    stopped: () => 'Portkeeper has ended, or is about to. Start it again.',
    'not-connected': () => 'Portkeeper does not answer. It may have ended; start it again.',
    'own-fault': () => 'Portkeeper met an error of its own; its log says more.',
    'bad-request': ({ text }) => text,
  },
};

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'an IPv4 address, a range such as 192.168.0.0/24, or empty',
  port: 'a port from 1 to 65535',
  protocol: 'TCP or UDP',
  duration: 'a time in seconds from 0 (for good) to 4294967295',
  comment: 'a text',
};

function place({ line, column, entry, field }: FilePlace): string {
  if (entry !== undefined) return `entry ${entry}${field === undefined ? '' : `, "${field}"`}`;
  if (line === undefined) return '';
  const inLine = column === undefined ? '' : `, column ${column}${field === undefined ? '' : ` (${field})`}`;
  return `line ${line}${inLine}`;
}

const IN_QUOTES = 'A field in quotes looks like "Test 1".';

export const FILES_EN: FileCatalogue = {
  place,
  several: (file, count, shown) =>
    `${file} has ${count} mistakes${count === shown ? '' : `; these are the first ${shown}`}:`,
  whole: {
    'too-large': ({ mebibytes }) =>
      `is larger than ${mebibytes} MiB: that is no port list. Check the name of the file.`,
    'not-text': () => 'is no text in UTF-8. Save it as UTF-8 in your editor, and try again.',
    'no-header': ({ header }) => `is empty. Its first line must be: ${header}`,
    'no-ports': () => 'has no ports in it. Check the name of the file.',
    unknown: () =>
      'is neither what Portkeeper exports, nor a list of ports of upnp-daemon. Check the name of the file.',
  },
  reasons: {
    'not-json': ({ found }) =>
      `this is not JSON (${found === '' ? 'it ends too early' : `${JSON.stringify(found)} does not belong here`}).`,
    'quote-not-closed': () => `a quote is opened here and never closed. ${IN_QUOTES}`,
    'quote-not-alone': () => `something follows the closing quote. ${IN_QUOTES}`,
    csv: ({ text }) => `${text}. ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `the column "${column}" is missing. The first line must be: ${header}${delimiter === undefined ? '' : ` (is "${delimiter}" the delimiter?)`}`,
    'column-twice': ({ column }) => `the column "${column}" is there twice. Rename one.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `the line has ${fields} fields, the first line ${columns}. Put the field that has "${delimiter}" in it into quotes.`,
    'too-few-fields': ({ fields, columns }) =>
      `the line has only ${fields} of ${columns} fields. It must be like: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () => 'the outermost must be an array, even for one port: [ { "port": 25565, ... } ]',
    'not-an-object': () => 'it must be an object: { "port": 25565, "protocol": "TCP", ... }',
    'wrong-value': ({ field, value }) => `${value === '' ? 'nothing' : value} is not ${WANTED[field]}.`,
    'port-twice': ({ port, transport, other }) =>
      `outside port ${port}/${transport.toUpperCase()} is asked for already in ${place(other)}. Leave one out.`,
    'too-many-ports': ({ most }) => `a profile has ${most} forwards at most. Split the list into several files.`,
    'too-many-mappings': ({ count, most }) => `it asks for ${count} ports; ${most} at most. Leave some out.`,
  },
};
