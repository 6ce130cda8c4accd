/** Closing an entry of a gateway's table, after the person was asked. */
import { useState } from 'preact/hooks';
import type { TableEntryView } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { isPort } from '../../../main/contract/units.ts';
import { routerViewWords } from './words.ts';
import { useConfirm } from '../../parts/notice/confirm.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useToasts } from '../../state/toasts.tsx';
import { keyOf } from './table-rows.ts';

export interface Closing {
  /** Keys of the entries that are being closed. */
  readonly busy: ReadonlySet<string>;
  /** A rule over all ports only the router's own pages can take away. */
  readonly canClose: (entry: TableEntryView) => boolean;
  readonly close: (entry: TableEntryView) => void;
}

/** @param closed called when the table is another than before */
export function useClose(gateway: GatewayId, closed: () => void): Closing {
  const words = useWords(routerViewWords);
  const ask = useAsk();
  const confirm = useConfirm();
  const { show } = useToasts();
  const { profiles } = useSnapshot();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());

  const whileBusy = async (entry: TableEntryView, work: () => Promise<void>): Promise<void> => {
    const key = keyOf(entry);
    setBusy((before) => new Set([...before, key]));
    try {
      await work();
    } finally {
      setBusy((before) => new Set([...before].filter((each) => each !== key)));
    }
  };

  const close = async (entry: TableEntryView): Promise<void> => {
    const { owner, transport, external, internal } = entry;
    const port = `${external.port}/${transport.toUpperCase()}`;
    const profile = owner.is === 'ours' ? profiles.find(({ id, on }) => on && id === owner.profile) : undefined;
    if (profile !== undefined) {
      const { switchTitle, switchText, switchYes, switched } = words.close;
      const isMeant = await confirm({
        title: switchTitle(profile.name),
        text: switchText(port, profile.name),
        yes: switchYes,
      });
      if (!isMeant) return;
      await whileBusy(entry, async () => {
        const answer = await ask('profile.switch', { id: profile.id, on: false });
        if (answer.ok) show({ text: switched(profile.name) });
        closed();
      });
      return;
    }
    const { title, ours, ownProgram, other, final, yes, done } = words.close;
    const { client } = internal;
    const { remoteHost } = entry;
    const whose =
      owner.is === 'ours'
        ? ours
        : owner.is === 'this-computer'
          ? `${ownProgram} ${final}`
          : `${other(client ?? words.table.someDevice)} ${final}`;
    if (!(await confirm({ title: title(port), text: whose, yes, isDangerous: true }))) return;
    if (!isPort(external.port)) return;
    const input = {
      gateway,
      transport,
      external: external.port,
      ...(client === undefined ? {} : { client }),
      ...(remoteHost === undefined ? {} : { remoteHost }),
    };
    await whileBusy(entry, async () => {
      const answer = await ask('gateway.close', input);
      if (answer.ok) show({ text: done(port) });
      closed();
    });
  };
  return {
    busy,
    canClose: ({ external }) => external.port > 0,
    close: (entry) => void close(entry),
  };
}
