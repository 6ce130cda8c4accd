/** `portkeeper settings …`: looks at and changes settings, in the running Portkeeper or in its data folder. */
import path from 'node:path';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from '../../contract/settings.ts';
import { fieldText } from '../../contract/words/faults.ts';
import { currentSnapshot, inApp, tellUnsaved, valueOf } from '../app-session.ts';
import { leaseSeconds } from '../options/global-options.ts';
import { EXIT, InputFault } from '../output/fault.ts';

/** Everything a person can set; the window alone remembers whether the first steps were seen. */
type SettingKey = Exclude<keyof Settings, 'welcomed' | 'firstOpenSeen'>;

interface Setting {
  readonly what: string;
  /** Accepted values besides `default`; absent where any text is accepted. */
  readonly choices?: readonly string[];
  /** From what was typed; whether it will do is the contract's to say. @throws InputFault */
  readonly read: (text: string) => unknown;
}

const oneOf = (what: string, choices: readonly string[]): Setting => ({
  what: `${what}: ${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`,
  choices,
  read: (text) => text.toLowerCase(),
});

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);
const toggle = (what: string): Setting => ({
  what: `${what}: on or off`,
  choices: ['on', 'off'],
  read: (text) => SWITCHES.get(text.toLowerCase()) ?? text,
});

const { entries } = SettingsSchema;

export const SETTINGS: Readonly<Record<SettingKey, Setting>> = {
  onQuit: oneOf('What happens to open ports when you quit', entries.onQuit.wrapped.options),
  protocol: oneOf('How ports are opened', entries.protocol.wrapped.options),
  gateway: { what: 'Use only this router: its address or description URL', read: (text) => text },
  upstreamRouter: { what: 'Router in front of yours to open ports on, too: its address', read: (text) => text },
  exceptInterfaces: {
    what: 'Network interfaces not to use, separated by commas, or none',
    read: (text) => (text.toLowerCase() === 'none' ? [] : text.split(',')),
  },
  lease: {
    what: 'Lease time to request, from 1m to 7d',
    read: (text) => leaseSeconds(text, 'lease', 'Use a time from 1m to 7d, such as 30m or 2h.'),
  },
  paused: toggle('Close all ports, whatever is switched on'),
  language: oneOf('Language of window, tray and notifications', entries.language.wrapped.options),
  theme: oneOf('Appearance of the window', entries.theme.wrapped.options),
  notifications: oneOf('Desktop notifications', entries.notifications.wrapped.options),
  startAtLogin: toggle('Start the app when you log in'),
  checkForUpdates: toggle('Let the app check for updates'),
  onlyApprovedNetworks: toggle('Open ports on approved networks only'),
  probeServer: {
    what: 'Who tests ports from outside: a probe server, or a port checker’s web address with {port}',
    read: (text) => text,
  },
  probeEvery: oneOf('How often open ports are tested from outside', entries.probeEvery.wrapped.options),
  stunServer: { what: 'STUN server that “doctor” asks for your address: its name or address', read: (text) => text },
  probeSecretFile: { what: 'File with the secret of the probe server', read: (text) => path.resolve(text) },
  approvedNetworks: {
    what: 'Approved networks; to approve the current one: portkeeper approve',
    read: (text) => (text.toLowerCase() === 'none' ? [] : fromJson(text)),
  },
  dynamicDns: oneOf('Who keeps your host name up to date', entries.dynamicDns.wrapped.options),
  dnsName: { what: 'Host name that points to you, given to friends', read: (text) => text },
  dnsUser: { what: 'User name for dynamic DNS', read: (text) => text },
  dnsServer: { what: 'Web address of a dyndns2 server', read: (text) => text },
  dnsAddresses: oneOf('Which public addresses the host name gets', entries.dnsAddresses.wrapped.options),
  dnsOverHttp: toggle('Allow updates over http, unencrypted'),
  addressCommand: { what: 'Program to run when your public IP address changes', read: (text) => text },
};

const isSetting = (name: string): name is SettingKey => Object.hasOwn(SETTINGS, name);
export const SETTING_KEYS: readonly SettingKey[] = Object.keys(SETTINGS).filter((key) => isSetting(key));

/** @throws InputFault */
function settingNamed(text: string): SettingKey {
  const name = text.replaceAll(/[-_]/g, '').toLowerCase();
  const key = SETTING_KEYS.find((each) => each.toLowerCase() === (name === 'router' ? 'gateway' : name));
  if (key !== undefined) return key;
  throw new InputFault(`There is no setting “${text}”. Available: ${SETTING_KEYS.join(', ')}.`, { at: { word: text } });
}

/** As it may be typed. */
function valueText(value: Settings[SettingKey]): string {
  if (value === null) return 'default';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string' || typeof value === 'number') return `${value}`;
  const names = value.map((each) => (typeof each === 'string' ? each : each.name));
  return names.length === 0 ? 'none' : names.join(', ');
}

export const listSettings = inApp(async (session) => {
  const { console } = session;
  const { settings } = await currentSnapshot(session);
  const { welcomed: _welcomed, firstOpenSeen: _seen, ...shown } = settings;
  console.record(shown);
  console.table(
    SETTING_KEYS.map((key) => [key, valueText(settings[key]), SETTINGS[key].what]),
    ['NAME', 'VALUE', 'DESCRIPTION'],
  );
  return EXIT.ok;
});

export const getSetting = inApp(async (session, name: string) => {
  const key = settingNamed(name);
  const { settings } = await currentSnapshot(session);
  session.console.record({ name: key, value: settings[key] });
  session.console.line(valueText(settings[key]));
  return EXIT.ok;
});

export const setSetting = inApp(async (session, name: string, text: string) => {
  const { client, interrupted, console } = session;
  const key = settingNamed(name);
  const value = text.toLowerCase() === 'default' ? DEFAULT_SETTINGS[key] : SETTINGS[key].read(text);
  // Checked by the contract, like the input of any other UI.
  const answer = await client.ask('settings.change', { settings: Object.fromEntries([[key, value]]) }, interrupted);
  if (!answer.ok && answer.fault.code === 'bad-input') {
    throw new InputFault(`Couldn’t set ${key} to “${text}”. ${fieldText(answer.fault, 'en')}`, { at: { word: text } });
  }
  const { settings } = valueOf(answer);
  console.record({ event: 'changed', name: key, value: settings[key] });
  console.line(`${key}: ${valueText(settings[key])}`);
  return tellUnsaved(await currentSnapshot(session), console) ? EXIT.storage : EXIT.ok;
});

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
