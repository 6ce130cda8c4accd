import type { VNode } from 'preact';
import './ring.css';

interface RingProperties {
  /** What is left, 0 … 1. */
  readonly share: number;
  readonly tone?: 'good' | 'warn' | 'plain';
  /** When it does not stand beside the ring. */
  readonly label?: string;
}

/** How much is left of something. */
export function Ring({ share, tone = 'good', label }: RingProperties): VNode {
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': label } as const);
  const left = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <svg class="ring" data-tone={tone} viewBox="0 0 20 20" width="18" height="18" {...named}>
      <circle class="ring-track" cx="10" cy="10" r="7.5" />
      <circle
        class="ring-left"
        cx="10"
        cy="10"
        r="7.5"
        pathLength={100}
        stroke-dasharray={`${left} 100`}
        transform="rotate(-90 10 10)"
      />
    </svg>
  );
}
