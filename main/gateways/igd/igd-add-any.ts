/** Lets the router choose the external port (C29). */
import { isPort } from '../../contract/units.ts';
import { Malformed } from '../failure.ts';
import type { Added } from './igd-add.ts';
import { leadsTo } from './igd-entry.ts';
import type { IgdSession } from './igd-session.ts';
import type { AddRequest } from './igd-table.ts';

/** C29, §2.5.16: the router chooses a port when the wanted one is taken.
 * @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function addAny(session: IgdSession, request: AddRequest, signal: AbortSignal): Promise<Added> {
  const reserved = await session.table.addAny(request, signal);
  if (isPort(reserved)) return { request: { ...request, external: { port: reserved } }, empty: false };
  for await (const entry of session.list.entries(signal)) {
    if (entry.transport !== request.transport || !leadsTo(entry, request.internal)) continue;
    const { port } = entry.external;
    if (isPort(port)) return { request: { ...request, external: { port } }, empty: false, entry };
  }
  throw new Malformed('AddAnyPortMapping: the answer does not name the port', String(reserved));
}
