/** Asks minissdpd, which has heard every announcement since boot and answers at once. */
import { inSeconds } from '../../contract/units.ts';
import { NetworkError } from '../../system/system.ts';
import type { Connection } from '../../system/system.ts';
import { encodeMinissdpdQuery, MinissdpdReader } from '../../wire/minissdp.ts';
import type { MinissdpdEntry } from '../../wire/minissdp.ts';
import { parseHttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import type { SsdpContext } from './discover-ssdp.ts';
import { Unreachable } from '../failure.ts';
import { withDeadline } from '../upnp/http-exchange.ts';
import { isOwn, linkOf } from './links.ts';
import type { Link } from './links.ts';

/** Where the daemon puts it unless told otherwise. */
const SOCKET_PATH = '/var/run/minissdpd.sock';
/** The daemon compares the start of the type: every version is meant. */
const TARGET = 'urn:schemas-upnp-org:device:InternetGatewayDevice';
/** A local daemon that takes longer is stuck. */
const PATIENCE = inSeconds(2);

/** Resolves at once where there is no daemon. What it says is heard like an answer of the host that its LOCATION names. */
export async function askMinissdpd(context: SsdpContext, links: readonly Link[], signal: AbortSignal): Promise<void> {
  const { clock, log, tcp } = context.system;
  let entries: readonly MinissdpdEntry[] = [];
  try {
    entries = await withDeadline(clock, PATIENCE, 'minissdpd', signal, async (inTime) => {
      const connection = await tcp.connectLocal(SOCKET_PATH, inTime);
      try {
        return await query(connection, inTime);
      } finally {
        connection.close();
      }
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof NetworkError) && !(error instanceof Unreachable) && !(error instanceof WireError))
      throw error;
    log.write('debug', 'minissdpd does not help', { error: error.message });
  }
  for (const { location } of entries) {
    const url = parseHttpUrl(location);
    if (url instanceof WireError) continue;
    const link = linkOf(links, url.address);
    if (link === undefined || isOwn(link, url.address)) continue;
    context.hear({ location, from: url.address, link, foundBy: 'minissdpd' });
  }
}

/** @throws NetworkError, WireError, or the signal's reason */
async function query(connection: Connection, signal: AbortSignal): Promise<readonly MinissdpdEntry[]> {
  const reader = new MinissdpdReader();
  await connection.write(encodeMinissdpdQuery(TARGET));
  for (;;) {
    const bytes = await connection.read(signal);
    const state = bytes === undefined ? reader.end() : reader.push(bytes);
    if (state instanceof WireError) throw state;
    if (state === 'done') return reader.entries;
  }
}
