/** Why something is refused, in English. */
import type { UnreachableReason } from '../mapping.ts';
import type { ControlKind } from '../model.ts';
import { valueText, fileFaultIn, type FaultCatalogue, type FileCatalogue } from './catalogues.ts';
import { questionText, unfitText } from './opening-questions.ts';
import { placeText, storageText } from './places.ts';
import type { FilePlace, PortField } from '../fault-reasons.ts';

const THINGS: Readonly<Record<string, string>> = {
  string: 'text',
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
  timeout: 'didn’t answer. Check that it is on and that this computer is connected to it, then try again.',
  refused:
    'no longer answers at its last known address. It may be restarting, or UPnP was turned off. Try again in a minute.',
  reset: 'closed the connection. Some routers need a moment. Try again.',
  'no-route': 'can’t be reached. Check that it is on and that this computer is on its network, then try again.',
  denied: 'was not asked: a firewall on this computer blocks it. Allow Portkeeper to access the local network.',
  'local-network':
    'was not asked: the “Local Network” permission is missing. Allow it in System Settings > Privacy & Security > Local Network.',
};

/** Kinds of values by their names, values themselves in quotation marks. */
const named = (thing: string): string => THINGS[thing] ?? thing.replace(/^"(.*)"$/su, '“$1”');

export const FAULTS_EN: FaultCatalogue = {
  values: {
    missing: () => 'is missing',
    unexpected: ({ what }) => `unknown field ${named(what)}`,
    'too-long': ({ most }) => `is too long (maximum ${most})`,
    'too-short': ({ least }) => `is too short (minimum ${least})`,
    'too-large': ({ most }) => `is too large (maximum ${most})`,
    'too-small': ({ least }) => `is too small (minimum ${least})`,
    'whole-number': () => 'must be a whole number',
    empty: () => 'must not be empty',
    'wrong-type': ({ expected, received }) => `must be ${expected.map(named).join(' or ')}, not ${named(received)}`,
    invalid: () => 'is invalid',
    'one-line': () => 'must be a single line without control characters',
    'name-needed': () => 'enter a name',
    port: () => 'must be a port from 1 to 65535',
    id: () => 'must be an ID of lowercase letters, digits and hyphens',
    'transports-needed': () => 'choose TCP, UDP or both',
    'families-needed': () => 'choose IPv4, IPv6 or both',
    'each-once': () => 'must not contain duplicates',
    'ip-address': () => 'must be an IP address',
    'not-a-device': ({ address, why }) => `can’t be ${address}, which ${unfitText(why, 'en')}`,
    lease: () => 'must be 1 to 4294967295 seconds, or “permanent”',
    'range-backwards': () => 'the range ends before it begins',
    'too-many-mappings': ({ count, most }) =>
      `needs ${count} ports in total (TCP and UDP count separately), but the limit is ${most}`,
    'range-too-wide': ({ most }) => `a range can have at most ${most} ports`,
    'inside-too-high': () => 'the internal range ends above 65535',
    'ports-twice': ({ ports }) => `uses external port ${ports}, which another forward of this profile already uses`,
    'id-twice': ({ id }) => `another profile already has the ID ${id}`,
    'newer-version': ({ known }) => `comes from a newer version of Portkeeper (this one reads up to version ${known})`,
    'unknown-version': ({ version }) => `is not a known version (${version})`,
    'probe-place': () =>
      'must be the address or name of a probe server, such as probe.example.net or 11.22.33.44:15351',
    'tester-place': () =>
      'must be the address or name of a probe server, such as probe.example.net, or the https address of a port checker with {port}, such as https://example.net/{port}',
    'router-place': () => 'must be an IP address or an http URL such as http://192.168.1.1:5000/rootDesc.xml',
    'clock-time': () => 'must be a time from 00:00 to 23:59, such as 18:30',
    'days-needed': () => 'choose at least one day',
    'program-needed': () => 'enter the program’s file name, such as java',
    'nothing-listens-here': () =>
      'needs a port that forwards to this computer: programs on other devices can’t be seen',
    'host-name': () => 'must be a host name such as home.example.org',
    'dns-server': () => 'must be a web address such as https://dyn.example.net/nic/update, without a login',
    'program-line': () => 'must begin with the full path of a program; parts that contain blanks go in quotation marks',
    'file-too-large': ({ mebibytes }) => `is larger than ${mebibytes} MiB, which is too large for a port list`,
    other: ({ text }) => text,
  },
  commands: {
    'bad-input': ({ place, why, more }) =>
      `${placeText(place, 'en')}: ${valueText(FAULTS_EN, why) ?? FAULTS_EN.values.invalid({})}${more > 0 ? ` (and ${more} more)` : ''}.`,
    'bad-file': (fault) => fileFaultIn(FILES_EN, fault) ?? fault.file,
    'no-such-command': ({ name }) => (name === '' ? 'Unknown command.' : `Unknown command “${name}”.`),
    'no-such-profile': ({ id }) => `There is no profile “${id}”.`,
    'nothing-to-restore': ({ id }) => `Profile “${id}” can’t be restored: it was not deleted since Portkeeper started.`,
    'too-many-profiles': ({ most }) => `You can have at most ${most} profiles. Delete one first.`,
    'too-many-mappings': ({ count, most }) =>
      `Your profiles would need ${count} ports in total (TCP and UDP count separately), but the limit is ${most}. Delete a profile or choose smaller ranges.`,
    'profiles-too-large': ({ mebibytes }) =>
      `All profiles together would be larger than ${mebibytes} MiB. Remove a profile, or shorten labels.`,
    'profile-changed': ({ name }) =>
      `“${name}” was changed elsewhere in the meantime, so nothing was saved. Look at it as it is now, then try again.`,
    'profiles-clash': ({ one, other, ports }) =>
      `“${one}” and “${other}” both use external port ${ports}. Turn off “${other}”, or choose another external port.`,
    'ports-of-profile': ({ ports, profile, id }) =>
      `Port ${ports} is kept open by the profile “${profile}”. Turn it off first (portkeeper profile off ${id}).`,
    'ports-held': ({ ports, from, label }) =>
      from === 'terminal'
        ? `Port ${ports} is already open from a terminal (${label}). Stop it there, or choose another external port.`
        : `Port ${ports} is already open from a port list (${label}). Remove it there, or choose another external port.`,
    'no-such-hold': () => 'These ports are no longer kept open.',
    'confirm-first': ({ questions }) =>
      `${questionText(questions, 'en').text.join(' ')} Nothing was changed. Add --yes if you want that.`,
    'not-stored': ({ path, fault }) =>
      `Couldn’t save to ${path}, so nothing was changed. ${storageText(fault, 'en')} Free up space or allow writing, then try again.`,
    'not-read': () =>
      'Couldn’t read the saved profiles and settings, so nothing was changed. See the problem shown, then try again.',
    'no-such-forward': ({ forward }) => `No profile has the forward “${forward}”. It may have been changed or deleted.`,
    'same-port-over-ipv6': () =>
      'Over IPv6, the external and internal ports are the same. Change the internal port in the profile instead.',
    'no-room-for-range': ({ most }) => `The range would end above 65535. Its first port can be at most ${most}.`,
    'ports-claimed': ({ profile, ports }) =>
      `Another forward of “${profile}” already uses external port ${ports}. Choose another one.`,
    'no-network': () =>
      'This computer isn’t connected to a network, so there is none to approve. Connect it, then try again.',
    'too-many-networks': ({ most }) => `You can approve at most ${most} networks. Remove one first.`,
    'no-sign-in': () => 'Portkeeper can’t sign in to routers on this system.',
    'wrong-password': ({ router }) =>
      `The router ${router} refused the user name or password. Nothing was saved. Check both, then try again; many routers lock out after a few wrong tries.`,
    'no-such-gateway': () => 'This router was not found. Search again, then choose one from the list.',
    'cannot-list': ({ gateway, speaks }) =>
      `${gateway} supports ${speaks.map((kind) => PROTOCOLS[kind]).join(' and ')}, which can’t list open ports. Turn on UPnP in the router’s settings to see the list.`,
    'gateway-unreachable': ({ gateway, why }) => `${gateway} ${SILENCE[why]}`,
    'gateway-garbled': ({ gateway }) =>
      `${gateway} sent an answer that Portkeeper can’t read. Try again, or restart the router. See the log for details.`,
    'gateway-refused': ({ gateway, why, failure }) => {
      if (failure === 'http 401')
        return `${gateway} asks for a password for this (${failure}). Portkeeper can’t sign in to routers. Look for a setting that lets programs do it on the router’s settings page.`;
      if (why === 'not-authorized')
        return `${gateway} doesn’t allow this (${failure}). Look for a setting on the router’s settings page.`;
      if (why === 'unsupported') return `${gateway} doesn’t support this (${failure}).`;
      return `${gateway} refused (${failure}). Try again. If it keeps happening, restart the router.`;
    },
    'counts-no-traffic': ({ gateway }) =>
      `${gateway} doesn’t report the traffic of its internet connection. UPnP routers can: look for a setting on the router’s settings page.`,
    'asked-enough': ({ gateway }) => `Portkeeper limits how often it asks ${gateway}. Try again in a minute.`,
    'entry-untold': ({ gateway, port }) =>
      `${gateway} doesn’t say what ${port} forwards to, so nothing was closed. Refresh the list, or close the port on the router’s settings page.`,
    'entry-elsewhere': ({ port, holder, name }) =>
      `Port ${port} now belongs to ${holder === '' ? 'another device' : holder}${name === '' ? '' : ` (“${name}”)`}, so nothing was closed. Refresh the list to see what is there.`,
    'entry-wanted': ({ port, profile }) =>
      `“${profile}” keeps port ${port} open and would open it again. Turn off “${profile}” instead.`,
    'entry-refused': ({ gateway, port, why, failure }) => {
      if (why === 'not-authorized' || why === 'only-for-itself' || why === 'conflict')
        return `${gateway} lets only the device itself close ${port} (${failure}). Close it there, or on the router’s settings page.`;
      if (why === 'absent')
        return `${gateway} lists ${port} but says it doesn’t exist when asked to close it (${failure}). Close it on the router’s settings page.`;
      if (why === 'unsupported')
        return `${gateway} can’t close ${port} (${failure}). Close it on the router’s settings page.`;
      return `${gateway} didn’t close ${port} (${failure}). Try again. If it stays open, close it on the router’s settings page.`;
    },
    'entry-unsure': ({ gateway, port, why }) =>
      `${gateway} ${why === 'garbled' ? 'sent an answer that Portkeeper can’t read.' : SILENCE[why]} Refresh the list to see whether ${port} was closed.`,
    'entry-still-there': ({ gateway, port }) =>
      `${gateway} hasn’t closed ${port} yet. Portkeeper keeps trying until it is closed or its lease expires.`,
    'unknown-router': () => 'Portkeeper knows nothing about this router. Reload the list.',
    'no-such-trait': ({ trait, known }) => `There is no trait “${trait}”. Choose one of: ${known.join(', ')}.`,
    'trait-value': ({ trait, may }) => `The trait “${trait}” can’t have this value. It can be ${may.join(' or ')}.`,
    'no-probe-server': () =>
      'There is no probe server to test with. Run “portkeeper probe-server” outside your home, on a rented server or at a friend’s, and enter its address in the settings (portkeeper settings set probeServer ADDRESS). The web address of a port checker will do, too.',
    'probe-demo': () => 'With the simulated router nothing is open to the internet, so there is nothing to test.',
    'nothing-open': () => 'None of these ports is open, so there is nothing to test. Open one first.',
    'no-secret-file': ({ path }) =>
      `There is no file ${path} with the secret of the probe server. Check the path in the settings.`,
    'secret-unreadable': ({ path, why }) =>
      `Couldn’t read the secret of the probe server from ${path}. ${storageText(why, 'en', 'read')}`,
    'secret-length': ({ path, least, most }) =>
      `The file ${path} doesn’t contain a secret: it must have ${least} to ${most} bytes. Use the same file as the probe server.`,
    'no-demo': () => 'The simulated router is available only in the app and with “portkeeper serve”.',
    'demo-failed': ({ fault }) => `Couldn’t start the simulated router (${fault}). Try again.`,
    'not-running': () => 'Portkeeper is not running. Start the app, or run: portkeeper serve',
    'no-desktop': ({ folder }) => `There is no desktop here to show the folder on. Its path is ${folder}`,
    'nothing-fetched': () => 'No update has been downloaded yet. Check for updates first.',
    'no-dns-provider': () => 'Choose a provider for dynamic DNS first, and its server if it needs one.',
    'command-by-terminal': () =>
      'For your safety, a browser can’t set a command. Use “portkeeper settings set addressCommand” in a terminal.',
    'no-self-update': () => 'This installation doesn’t update itself. Update it the way you installed it.',
    stopped: () => 'Portkeeper has quit or is quitting. Start it again.',
    'not-connected': () => 'Portkeeper isn’t answering. It may have quit; start it again.',
    'own-fault': () => 'Something went wrong in Portkeeper. See the log for details.',
    'bad-request': ({ text }) => text,
  },
};

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'an IPv4 address, a range such as 192.168.0.0/24, or empty',
  port: 'a port from 1 to 65535',
  protocol: 'TCP or UDP',
  duration: 'a time in seconds from 0 (permanent) to 4294967295',
  comment: 'text',
};

function place({ line, column, entry, field }: FilePlace): string {
  if (entry !== undefined) return `entry ${entry}${field === undefined ? '' : `, “${field}”`}`;
  if (line === undefined) return '';
  const inLine = column === undefined ? '' : `, column ${column}${field === undefined ? '' : ` (${field})`}`;
  return `line ${line}${inLine}`;
}

const IN_QUOTES = 'A quoted field looks like this: "Test 1".';

export const FILES_EN: FileCatalogue = {
  place,
  several: (file, count, shown) =>
    `${file} has ${count} mistakes${count === shown ? '' : `; these are the first ${shown}`}:`,
  whole: {
    'too-large': ({ mebibytes }) =>
      `is larger than ${mebibytes} MiB, which is too large for a port list. Check the file name.`,
    'not-text': () => 'is not UTF-8 text. Save it as UTF-8 in your editor, then try again.',
    'no-header': ({ header }) => `is empty. The first line must be: ${header}`,
    'no-ports': () => 'contains no ports. Check the file name.',
    unknown: () => 'is neither a Portkeeper export nor a port list for upnp-daemon. Check the file name.',
  },
  reasons: {
    'not-json': ({ found }) =>
      `this is not valid JSON (${found === '' ? 'the file ends too early' : `unexpected “${found}”`}).`,
    'quote-not-closed': () => `a quote opens here and is never closed. ${IN_QUOTES}`,
    'quote-not-alone': () => `there is text after the closing quote. ${IN_QUOTES}`,
    csv: ({ text }) => `${text}. ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `the column “${column}” is missing. The first line must be: ${header}${delimiter === undefined ? '' : ` (is “${delimiter}” the delimiter?)`}`,
    'column-twice': ({ column }) => `the column “${column}” appears twice. Rename one.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `this line has ${fields} fields, but the first line has ${columns}. Put the field that contains “${delimiter}” in quotes.`,
    'too-few-fields': ({ fields, columns }) =>
      `this line has only ${fields} of ${columns} fields. It must look like this: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () => 'the top level must be an array, even for a single port: [ { "port": 25565, … } ]',
    'not-an-object': () => 'this must be an object: { "port": 25565, "protocol": "TCP", … }',
    'wrong-value': ({ field, value }) =>
      value === '' ? `this must be ${WANTED[field]}.` : `${named(value)} is not ${WANTED[field]}.`,
    'not-a-device': ({ address, why }) => `${address} ${unfitText(why, 'en')}.`,
    'port-twice': ({ port, transport, other }) =>
      `external port ${port}/${transport.toUpperCase()} is already used in ${place(other)}. Remove one.`,
    'too-many-ports': ({ most }) => `a profile can have at most ${most} forwards. Split the list into several files.`,
    'too-many-mappings': ({ count, most }) => `the list needs ${count} ports, but the limit is ${most}. Remove some.`,
  },
};
