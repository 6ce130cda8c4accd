/** The routers on the way to an address, as `ping` learns them from packets that may not go further. */
import { parseIp, type IpAddress } from '../../../contract/address.ts';
import { printedBy, windowsTool } from '../run-command.ts';

/** One packet, its answers waited for a second; no names are looked up. */
const PINGS: Readonly<
  Partial<Record<NodeJS.Platform, (to: IpAddress, hops: number) => readonly [tool: string, ...args: string[]]>>
> = {
  linux: (to, hops) => ['ping', '-n', '-c', '1', '-W', '1', '-t', `${hops}`, to],
  darwin: (to, hops) => ['/sbin/ping', '-n', '-c', '1', '-t', '1', '-m', `${hops}`, to],
  win32: (to, hops) => [windowsTool('ping.exe'), '-n', '1', '-w', '1000', '-i', `${hops}`, to],
};

/** Nearest first; `undefined` for one that says nothing. @throws when there is no such tool */
export async function hopsTo(
  to: IpAddress,
  most: number,
  signal: AbortSignal,
  platform: NodeJS.Platform = process.platform,
  printed: typeof printedBy = printedBy,
): Promise<readonly (IpAddress | undefined)[]> {
  const ping = PINGS[platform];
  if (ping === undefined) throw new Error(`no ping is known for ${platform}`);
  const distances = Array.from({ length: most }, (_, at) => at + 1);
  return await Promise.all(
    distances.map(async (hops) => {
      const [tool, ...args] = ping(to, hops);
      return answererIn(await printed(tool, args, signal), to);
    }),
  );
}

/** Words are translated: whoever answers is the first address that is not the one that was asked. */
export function answererIn(printed: string, asked: IpAddress): IpAddress | undefined {
  const addresses = printed.match(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g) ?? [];
  return addresses.flatMap((text) => parseIp(text) ?? []).find((address) => address !== asked);
}
