/** Commands as data, and what every one of them takes. */
import path from 'node:path';
import { Option } from 'commander';
import type { Family } from '../../contract/address.ts';
import type { ProtocolChoice } from '../../contract/model.ts';
import type { SearchOptions } from '../../gateways/gateway.ts';
import { defaultDataFolder } from '../../system/node/files/data-folder.ts';
import type { LogLevel } from '../../system/system.ts';
import type { Console } from '../output/console.ts';
import { badValue, InputFault } from '../output/fault.ts';
import type { GatewayChoice } from './gateway-option.ts';

/** As commander hands them over. */
export interface GivenOptions {
  readonly json?: boolean;
  readonly router?: string;
  readonly interface?: string;
  readonly protocol?: string;
  readonly family?: string;
  readonly dataDir?: string;
  readonly logLevel?: string;
  readonly pxpPort?: string;
}

export interface GlobalOptions {
  readonly json: boolean;
  readonly search: Omit<SearchOptions, 'remembered'>;
  /** A part of a router's name, when `--router` was no address. */
  readonly gatewayName: string | undefined;
  readonly interfaceName: string | undefined;
  readonly families: readonly Family[];
  readonly dataFolder: string;
  readonly logLevel: LogLevel;
}

/** A command as data; `index.ts` makes commander's of it. */
export interface CommandEntry {
  readonly name: string;
  /** Arguments after the name; `[options]` when absent. */
  readonly usage?: string;
  readonly summary: string;
  /** Where the list of commands has it; with the others when absent. */
  readonly group?: 'See what is open:' | 'Open ports:' | 'Profiles and settings:';
  /** Below its options. */
  readonly help: string;
  readonly takes?: readonly (readonly [argument: string, description: string])[];
  readonly options?: readonly Option[];
  /** It does not take the options that every command has. */
  readonly isApart?: boolean;
  readonly commands?: readonly CommandEntry[];
  /** @param given what it takes, in that order, then its options @returns the exit code */
  run?(options: GlobalOptions, console: Console, ...given: readonly unknown[]): Promise<number>;
}

type Run<Given extends unknown[]> = (options: GlobalOptions, console: Console, ...given: Given) => Promise<number>;

/** A command's work, loaded when it is given: `--help` and `--version` need no engine. */
export const lazily =
  <Given extends unknown[]>(load: () => Promise<Run<Given>>): Run<Given> =>
  async (...given) =>
    (await load())(...given);

/** Taken by every command, before or after its name. */
export const COMMON_OPTIONS: readonly Option[] = [
  new Option('--json', 'results for programs: one JSON value per line'),
  new Option('--router <ROUTER>', 'use only this router: its address, description URL, or part of its name'),
  new Option('--interface <NAME>', 'use only this network interface, such as eth0'),
  new Option('--protocol <WHICH>', 'auto (default), upnp, pcp or natpmp'),
  new Option('--family <WHICH>', 'ipv4 (default), ipv6 or both'),
  new Option('--data-dir <FOLDER>', 'where profiles, settings and records are kept'),
  new Option('--log-level <LEVEL>', 'error, warn (default), info, debug or trace; to standard error'),
  new Option('--pxp-port <PORT>', 'PCP and NAT-PMP port of a simulated router').hideHelp(),
];

/** How ports are to be opened: taken by several commands. */
export const FORWARD_OPTIONS: readonly Option[] = [
  new Option('--any-port', 'if an external port is taken, use the next free one'),
  new Option('--lease <TIME>', 'lease time to request: 3600, 30m, 2h, 7d or forever'),
  new Option('--label <TEXT>', 'a name, shown in the router’s list of open ports'),
];
export const PRESET = new Option(
  '--preset <NAME>',
  'ports that a known program needs, such as minecraft; repeatable',
).argParser((value: string, before?: readonly string[]): readonly string[] => [...(before ?? []), value]);
export const YES = new Option('--yes', 'open what Portkeeper would ask about first');

export const PROTOCOLS: readonly ProtocolChoice[] = ['auto', 'upnp', 'pcp', 'natpmp'];
export const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];
export const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  both: ['ipv4', 'ipv6'],
};

/** @throws InputFault */
export async function globalOptions(given: GivenOptions): Promise<GlobalOptions> {
  const protocol = oneOf(given.protocol ?? 'auto', PROTOCOLS, '--protocol');
  const families = FAMILIES[(given.family ?? 'ipv4').toLowerCase()];
  if (families === undefined) throw badValue('--family', given.family ?? '', 'Use ipv4, ipv6 or both.');
  const pxpPort = given.pxpPort === undefined ? undefined : portNumber(given.pxpPort, '--pxp-port');
  const logLevel = oneOf(given.logLevel ?? 'warn', LEVELS, '--log-level');
  const dataDir = given.dataDir ?? process.env['PORTKEEPER_DATA_DIR'];
  if (dataDir === '') throw new InputFault('--data-dir: the folder’s name is missing.');
  const { manual, name } = given.router === undefined ? {} : await routerChoice(given.router);
  return {
    json: given.json ?? false,
    search: {
      protocol,
      ...(manual === undefined ? {} : { manual }),
      ...(given.interface === undefined ? {} : { onlyInterfaces: [given.interface] }),
      ...(pxpPort === undefined ? {} : { pxpPort }),
    },
    gatewayName: name,
    interfaceName: given.interface,
    families,
    dataFolder: path.resolve(dataDir ?? defaultDataFolder()),
    logLevel,
  };
}

function oneOf<Choice extends string>(text: string, choices: readonly Choice[], option: string): Choice {
  const choice = choices.find((candidate) => candidate === text.toLowerCase());
  if (choice !== undefined) return choice;
  throw badValue(option, text, `Use ${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}.`);
}

const routerChoice = async (given: string): Promise<GatewayChoice> =>
  (await import('./gateway-option.ts')).gatewayChoice(given);

/** @throws InputFault */
export function portNumber(text: string, option: string): number {
  return wholeNumber(text, option, { from: 1, to: 65_535, unit: 'a port' });
}

/** @throws InputFault naming the range */
export function wholeNumber(
  text: string,
  option: string,
  { from, to, unit }: { readonly from: number; readonly to: number; readonly unit: string },
): number {
  const value = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw badValue(option, text, `Use ${unit} from ${from} to ${to}.`);
}

/** A lease time as people write it: `3600`, `90s`, `30m`, `2h`, `forever`. @throws InputFault */
export function leaseSeconds(
  text: string,
  option = '--lease',
  use = 'Use a time such as 3600, 90s, 30m, 2h or 7d, or forever.',
): number | 'permanent' {
  if (/^(?:0|forever|permanent)$/i.test(text)) return 'permanent';
  const [, count, unit = 's'] = /^(\d{1,10})([smhd]?)$/i.exec(text) ?? [];
  const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[unit.toLowerCase() === '' ? 's' : unit.toLowerCase()];
  const value = Number(count) * (factor ?? Number.NaN);
  if (value >= 1 && value <= 0xffff_ffff) return value;
  throw badValue(option, text, use);
}
