import type { Action } from '../../core/state.ts';
import type { Random } from '../../system/system.ts';

/** RFC 6887 §11.1: 96 bits. */
const NONCE_BYTES = 12;

/** The nonce of a PCP mapping is drawn before the journal is written, so that what a crash leaves can be closed (P15). */
export function withNonces(actions: readonly Action[], random: Random): readonly Action[] {
  return actions.map((action) => {
    if (action.do !== 'open' || action.control !== 'pcp' || action.wish.handle.nonce !== undefined) return action;
    const bytes = [...random.bytes(NONCE_BYTES)];
    const nonce = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const handle = { ...action.wish.handle, nonce };
    return { ...action, wish: { ...action.wish, handle }, lease: { ...action.lease, handle } };
  });
}
