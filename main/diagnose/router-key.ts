/** The maker of a router's menus: by its description, its name in the home, or the title of its settings page. */
import { familyOf, type IpAddress } from '../contract/address.ts';
import { routerKeyOf, type RouterKey } from '../contract/diagnosis/router-menus.ts';
import { exchange } from '../gateways/upnp/http-exchange.ts';
import { isFailure } from '../gateways/failure.ts';
import { forAtMost } from '../system/deadline.ts';
import { ONE_ATTEMPT, type Examination } from './examination.ts';

/** @throws the signal's reason */
export async function routerKeyAt(
  examination: Examination,
  address: IpAddress,
  signal: AbortSignal,
): Promise<RouterKey | undefined> {
  const { gateways } = await examination.found();
  const described = gateways.filter((one) => one.address === address).flatMap(({ name, model }) => [name, model]);
  // It may have described itself before UPnP was turned off.
  const mac = await examination.system.routes.neighbour(address);
  const remembered = examination.around.memory
    .all()
    .map(({ fingerprint }) => fingerprint)
    .filter((text) => mac !== undefined && text.startsWith(`${mac} `));
  const known = routerKeyOf([...described, ...remembered]);
  if (known !== undefined) return known;
  const [name = '', title] = await Promise.all([
    nameOf(examination, address, signal),
    pageTitle(examination, address, signal),
  ]);
  return routerKeyOf([name, title]);
}

async function nameOf({ system }: Examination, address: IpAddress, signal: AbortSignal): Promise<string | undefined> {
  return await forAtMost(system.clock, ONE_ATTEMPT, signal, async (inTime) => system.nameOf?.(address, inTime));
}

const LONGEST_PAGE = 64 * 1024;

async function pageTitle({ system }: Examination, address: IpAddress, signal: AbortSignal): Promise<string> {
  if (familyOf(address) === 'ipv6') return '';
  try {
    const page = { address, port: 80, target: '/' };
    const { body, headers } = await exchange(
      system,
      page,
      { method: 'GET', headers: [] },
      { time: ONE_ATTEMPT },
      signal,
    );
    const text = new TextDecoder('utf-8').decode(body.subarray(0, LONGEST_PAGE));
    const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(text)?.[1] ?? '';
    return `${title} ${headers.get('server') ?? ''}`;
  } catch (error) {
    if (isFailure(error)) return '';
    throw error;
  }
}
