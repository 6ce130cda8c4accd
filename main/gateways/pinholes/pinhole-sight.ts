/** What can be known of a pinhole: whether it is there, and why it is not. */
import type { IpAddress } from '../../contract/address.ts';
import { isFailure, Malformed, Refused, Unreachable } from '../failure.ts';
import type { FirewallStatus, PinholeActions, PinholeTarget } from './pinhole-actions.ts';

/** Asks whether pinholes exist; questions that the gateway does not know are not put again (V6). */
export class PinholeSight {
  readonly #actions: PinholeActions;
  readonly #unknown = new Set<'GetPinholePackets' | 'CheckPinholeWorking'>();

  constructor(actions: PinholeActions) {
    this.#actions = actions;
  }

  /** Is there a question left that the gateway may know? */
  get canTell(): boolean {
    return this.#unknown.size < 2;
  }

  /** @throws Unreachable, or the signal's reason */
  async of(id: number, signal: AbortSignal): Promise<'there' | 'absent' | 'cannot-tell'> {
    const questions = [
      ['GetPinholePackets', () => this.#actions.packets(id, signal)],
      ['CheckPinholeWorking', () => this.#actions.isWorking(id, signal)],
    ] as const;
    for (const [action, question] of questions) {
      if (this.#unknown.has(action)) continue;
      try {
        await question();
        return 'there';
      } catch (error) {
        if (!isFailure(error) || error instanceof Unreachable) throw error;
        if (error instanceof Malformed) continue;
        if (error.reason === 'absent') return 'absent';
        // V6: 709 means that it is there and that nothing has come yet.
        if (error.code === 'upnp 709') return 'there';
        if (error.reason === 'unsupported') this.#unknown.add(action);
      }
    }
    return 'cannot-tell';
  }
}

/** The refusal with what the gateway says about its switches (V3), and whose address it was about (V1, V7).
 * @throws the signal's reason */
export async function explained(
  refusal: Refused,
  actions: PinholeActions,
  target: PinholeTarget,
  from: IpAddress | undefined,
  signal: AbortSignal,
): Promise<Refused> {
  const { reason, code, message } = refusal;
  if (reason !== 'not-authorized' && reason !== 'switched-off' && reason !== 'failed') return refusal;
  let status: FirewallStatus | undefined;
  try {
    status = await actions.firewallStatus(signal);
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  if (status?.enabled === false)
    return new Refused('switched-off', code, `${message}; the firewall is off, nothing is filtered`);
  if (status?.inboundPinholesAllowed === false)
    return new Refused('switched-off', code, `${message}; inbound pinholes are switched off in the gateway`);
  if (reason !== 'not-authorized' || from !== undefined) return refusal;
  return new Refused('only-for-itself', code, `${message}; ${target.client} is not an address of this machine`);
}
