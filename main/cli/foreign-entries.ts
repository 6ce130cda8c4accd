/** Ports that others opened, and that a person named for closing. */
import type { FoundMapping } from '../contract/mapping.ts';
import type { GatewayView } from '../contract/model.ts';
import { elsewhere, notClosed } from '../engine/routers/gateway-fault.ts';
import { isFailure } from '../gateways/failure.ts';
import type { Console } from './output/console.ts';
import type { Session } from './session.ts';
import { withProgress } from './session.ts';

export interface Foreign {
  readonly gateway: GatewayView;
  readonly mapping: FoundMapping;
}

const nameOf = ({ external, transport }: FoundMapping): string => `${external.port}/${transport}`;

export function foreignText({ mapping }: Foreign): string {
  const { internal, description } = mapping;
  const name = nameOf(mapping);
  const holder = internal.client ?? 'an unknown device';
  return `${name} belongs to ${holder} ("${description}") and was not opened by Portkeeper: it stays open. To close it all the same: portkeeper close ${name} --anyway`;
}

/** What was not closed is told. @returns how many were closed */
export async function removeForeign(session: Session, entries: readonly Foreign[], console: Console): Promise<number> {
  let removed = 0;
  for (const { gateway, mapping } of entries) {
    const name = nameOf(mapping);
    try {
      const left = await withProgress(session, console, `Closing ${name}`, (signal) =>
        session.engine.removeForeign(gateway.id, mapping, signal),
      );
      if (left === 'gone') removed += 1;
      else console.note(elsewhere(name, left).message);
    } catch (error) {
      if (!isFailure(error)) throw error;
      console.note(notClosed(gateway, name, error).message);
    }
  }
  return removed;
}
