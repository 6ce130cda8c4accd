/** Ports on the command line, and how they are to be opened. */
import { mappingCount, MOST_IN_ALL } from '../../contract/profiles/claims.ts';
import { asForwardId, type Forward } from '../../contract/model.ts';
import { parsePorts, type TypedPorts } from '../../contract/profiles/ports.ts';
import { seconds } from '../../contract/units.ts';
import { portsFaultText } from '../../contract/words/ports.ts';
import { InputFault } from '../output/fault.ts';
import { leaseSeconds, type GlobalOptions } from './global-options.ts';

export type SpecifiedPorts = Pick<Forward, 'transports' | 'external' | 'internal'> & Pick<TypedPorts, 'text'>;

const FORM =
  'Ports are written EXTERNAL[-LAST][:INTERNAL][/tcp|/udp|/both][@HOST], as in 25565/tcp, 8080:80/tcp, 27015-27020/udp, 443/tcp@192.168.1.20, or as a list: 80,443,8000-8010/tcp';

/** One word, which may be a list. Without a protocol both are meant: people know ports, not protocols. @throws InputFault */
export function specifiedPorts(word: string): readonly SpecifiedPorts[] {
  const parsed = parsePorts(word);
  if (parsed.ok) return parsed.ports.map(({ transports = ['tcp', 'udp'], ...rest }) => ({ ...rest, transports }));
  const { fault } = parsed;
  throw new InputFault(`${portsFaultText(fault, 'en')}\n${FORM}`, { at: { word, ...fault } });
}

/** How ports are to be opened, as commander hands it over. */
export interface GivenForwardOptions {
  readonly anyPort?: boolean;
  readonly lease?: string;
  readonly label?: string;
  readonly yes?: boolean;
  readonly preset?: readonly string[];
}

export type ForwardDefaults = Pick<Forward, 'label' | 'families' | 'lease' | 'ifTaken' | 'gateway'>;

/** @throws InputFault */
export function forwardDefaults(
  { label = '', lease, anyPort }: GivenForwardOptions,
  { families, gatewayName }: GlobalOptions,
): ForwardDefaults {
  const duration = lease === undefined ? undefined : leaseSeconds(lease);
  return {
    label,
    families,
    ifTaken: anyPort === true ? 'next-free' : 'fail',
    ...(duration === undefined ? {} : { lease: duration === 'permanent' ? duration : seconds(duration) }),
    ...(gatewayName === undefined ? {} : { gateway: gatewayName }),
  };
}

/** @throws InputFault also when two of them claim one external port */
export function forwardsOf(words: readonly string[], defaults: ForwardDefaults): readonly Forward[] {
  const forwards = words
    .flatMap(specifiedPorts)
    .map(({ text, ...ports }) => ({ id: asForwardId(text.toLowerCase()), ...defaults, ...ports }));
  refuseOverlaps(forwards);
  return forwards;
}

/** Names them by their ids, which are the words that asked for them.
 * @throws InputFault when two of them claim one external port, or all of them too many */
export function refuseOverlaps(
  forwards: readonly Pick<Forward, 'id' | 'transports' | 'families' | 'external'>[],
): void {
  const count = mappingCount(forwards);
  if (count > MOST_IN_ALL) {
    throw new InputFault(
      `These are ${count} ports (TCP and UDP count separately); the limit is ${MOST_IN_ALL}. Choose a smaller range.`,
    );
  }
  const claimed = new Map<string, string>();
  for (const { id, transports, external } of forwards) {
    for (const transport of transports) {
      for (let number: number = external.first; number <= external.last; number++) {
        const other = claimed.get(`${number}/${transport}`);
        if (other !== undefined) {
          throw new InputFault(
            id === other
              ? `“${id}” is there twice. Leave one out.`
              : `“${id}” and “${other}” both ask for external port ${number}/${transport}. Leave one out.`,
            { at: { word: id } },
          );
        }
        claimed.set(`${number}/${transport}`, id);
      }
    }
  }
}
