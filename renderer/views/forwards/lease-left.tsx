import type { VNode } from 'preact';
import type { LeaseView } from '../../../main/contract/model.ts';
import { elapsed } from '../../../main/contract/units.ts';
import { durationText } from '../../../main/contract/words/formats.ts';
import { forwardsWords } from './words.ts';
import { Ring } from '../../parts/notice/ring.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useMoment } from '../../state/now.tsx';

/** How long the router keeps it open by itself, and when that is renewed. */
export function LeaseLeft({ lease, isRenewing }: { readonly lease: LeaseView; readonly isRenewing: boolean }): VNode {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const { grantedAt, renewAt, expiresAt } = lease;
  const left = useMoment((now) =>
    expiresAt === 'never' ? '' : words.forward.left(durationText(elapsed(now, expiresAt), language)),
  );
  // A hundredth is as fine as the ring is drawn.
  const hundredths = useMoment((now) =>
    expiresAt === 'never' ? 100 : Math.round(((expiresAt - now) / Math.max(1, expiresAt - grantedAt)) * 100),
  );
  const renews = useMoment((now) =>
    isRenewing || renewAt <= now
      ? words.forward.renewing
      : words.forward.renews(durationText(elapsed(now, renewAt), language)),
  );
  if (expiresAt === 'never') return <span class="lease muted">{words.forward.permanent}</span>;
  return (
    <span class="lease" title={renews}>
      <Ring share={hundredths / 100} tone={hundredths < 20 ? 'warn' : 'good'} />
      <span class="lease-text">
        <span>{left}</span>
        <span class="lease-renews">{renews}</span>
      </span>
    </span>
  );
}
