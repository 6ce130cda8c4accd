/** Why something was refused, for people. */
import type { Fault } from '../checked.ts';
import type { CommandFault } from '../commands.ts';
import type { CommandReason, ValueReason } from '../fault-reasons.ts';
import { commandText, valueText, type Catalogue, type Language, type FaultCatalogue } from './catalogues.ts';
import { FAULTS_DE } from './faults-de.ts';
import { FAULTS_EN } from './faults-en.ts';

const FAULTS: Catalogue<FaultCatalogue> = { en: FAULTS_EN, de: FAULTS_DE };

/** Its message is as people at a terminal need it: with places as they are written in files. */
export function commandFault(code: CommandFault['code'], place: string, reason: CommandReason): CommandFault {
  return { code, place, reason, message: messageOf(reason) };
}

/** Whole sentences: where, what, what to do. */
export function faultText({ reason, message }: CommandFault, language: Language): string {
  // A running Portkeeper of another version may know reasons that this one does not.
  return commandText(FAULTS[language], reason) ?? message;
}

/** The same beside the field that it is about, without naming the place. */
export function fieldText(fault: CommandFault | Fault, language: Language): string {
  const { reason, message } = fault;
  if (reason.code === 'bad-input') return sentence(reasonText(reason.parameters.why, language) ?? message);
  return 'code' in fault ? faultText(fault, language) : sentence(reasonText(fault.reason, language) ?? message);
}

/** The part of a sentence after the name of a value. */
export function reasonText(reason: ValueReason, language: Language): string | undefined {
  return valueText(FAULTS[language], reason);
}

function messageOf(reason: CommandReason): string {
  if (reason.code !== 'bad-input') return commandText(FAULTS_EN, reason) ?? reason.code;
  const { more, next = [], ...first } = reason.parameters;
  const lines = [first, ...next].map(
    ({ place, why }) => `${place === '' ? 'The input' : place}: ${valueText(FAULTS_EN, why) ?? why.code}`,
  );
  const shown = lines.length > more ? '' : `; these are the first ${lines.length}`;
  return more === 0 ? lines.join('') : [`There are ${more + 1} mistakes${shown}:`, ...lines].join('\n');
}

const sentence = (part: string): string =>
  `${part.charAt(0).toUpperCase()}${part.slice(1)}${/[.!?]$/.test(part) ? '' : '.'}`;
