/** A gateway's own table, read when somebody looks at it. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { GatewayTable } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { useAsk } from '../../state/ask.tsx';
import { useTask } from '../../state/task.ts';

export interface TableReading {
  /** The latest that was read; of another gateway never. */
  readonly table: GatewayTable | undefined;
  readonly isReading: boolean;
  /** The person, or leaving the view, ended the reading. */
  readonly wasCancelled: boolean;
  readonly read: () => void;
  readonly cancel: () => void;
}

export function useTable(gateway: GatewayId, canList: boolean): TableReading {
  const ask = useAsk();
  const { isBusy, run, cancel } = useTask();
  const [table, setTable] = useState<GatewayTable | undefined>(undefined);
  const [wasCancelled, setWasCancelled] = useState(false);
  const read = useCallback(() => {
    setWasCancelled(false);
    run(async (signal) => {
      signal.addEventListener('abort', () => setWasCancelled(true), { once: true });
      const answer = await ask('gateway.list', { gateway }, { signal });
      if (answer.ok) setTable(answer.value);
    });
  }, [ask, run, gateway]);
  useEffect(() => {
    if (canList) read();
  }, [canList, read]);
  return { table: table?.gateway === gateway ? table : undefined, isReading: isBusy, wasCancelled, read, cancel };
}
