/** Meaning of a probe server's answer, together with the facts on this side of it. */
import { scopeOf, type Family, type IpAddress } from '../../contract/address.ts';
import type { ProbeVerdict, UntestedBecause } from '../../contract/probe.ts';
import type { Transport } from '../../contract/model.ts';
import type { ProbeAnswer } from '../../probe/ask.ts';

/** The listener at the internal port meanwhile. */
export type AtThePort =
  /** A program of this computer. */
  | { readonly is: 'program' }
  /** Portkeeper in its place; has what was sent come? */
  | { readonly is: 'stand-in'; readonly hasArrived: boolean }
  /** Nobody, and Portkeeper may not listen there. */
  | { readonly is: 'nobody' }
  /** Another device: does it accept connections from here? Absent where that cannot be known. */
  | { readonly is: 'device'; readonly listens?: boolean };

export interface ProbeEvidence {
  readonly family: Family;
  readonly transport: Transport;
  readonly answer: ProbeAnswer;
  readonly at: AtThePort;
  /** The router's own address, as far as it says it. */
  readonly reported: IpAddress | undefined;
}

const UNTESTED: Readonly<Partial<Record<ProbeAnswer['outcome'], UntestedBecause>>> = {
  'no-answer': 'no-answer',
  'needs-secret': 'needs-secret',
  'wrong-secret': 'wrong-secret',
  'not-outside': 'same-network',
  'unknown-version': 'unknown-version',
  busy: 'busy',
};

export function verdictOf(evidence: ProbeEvidence): ProbeVerdict {
  const { answer, at, transport } = evidence;
  const why = UNTESTED[answer.outcome];
  if (why !== undefined) return { is: 'untested', why };
  const hasAnswered = answer.outcome === 'connected' || answer.outcome === 'answered' || answer.outcome === 'echoed';
  switch (at.is) {
    case 'stand-in':
      // An arrival seen here counts more than the server's word.
      if (at.hasArrived) return { is: 'no-program', door: 'open' };
      return hasAnswered ? { is: 'elsewhere' } : shut(evidence);
    case 'program':
      if (hasAnswered) return { is: 'reachable' };
      // Most programs answer only what they know, over UDP.
      return transport === 'udp' && answer.outcome === 'silent' ? { is: 'unanswered' } : shut(evidence);
    case 'nobody':
      if (hasAnswered) return { is: 'elsewhere' };
      return answer.outcome === 'refused' || transport === 'udp'
        ? { is: 'no-program', door: 'unknown' }
        : shut(evidence);
    case 'device':
      if (hasAnswered) return { is: 'reachable' };
      if (at.listens === false) return { is: 'no-program', door: 'unknown' };
      return transport === 'udp' ? { is: 'unanswered' } : shut(evidence);
  }
}

function shut({ family, answer: { seen }, reported }: ProbeEvidence): ProbeVerdict {
  const addresses = {
    ...(seen === undefined ? {} : { seen }),
    ...(reported === undefined ? {} : { reported }),
  };
  const scope = reported === undefined || reported === seen ? 'public' : scopeOf(reported);
  // IPv6 is not translated.
  if (family === 'ipv4' && scope === 'shared') return { is: 'shut', why: 'carrier-nat', ...addresses };
  if (family === 'ipv4' && scope === 'private') return { is: 'shut', why: 'double-nat', ...addresses };
  const isOther = seen !== undefined && reported !== undefined && seen !== reported;
  return { is: 'shut', why: family === 'ipv4' && isOther ? 'other-address' : 'filtered', ...addresses };
}
