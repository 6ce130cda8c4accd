/** VPNs and virtual adapters in the way, and virtual machines behind a router of their host's (H3, H10). */
import type { NetworkInterface } from '../../system/system.ts';
import type { IpAddress } from '../../contract/address.ts';
import { finding, type Check } from '../examination.ts';

interface VirtualRouter {
  readonly maker: string;
  /** Hardware addresses of its guests: the makers' prefixes (IEEE). */
  readonly guest: RegExp;
  readonly router: RegExp;
}

/** The address that each gives its NAT router by default. */
const VIRTUAL_ROUTERS: readonly VirtualRouter[] = [
  { maker: 'VirtualBox', guest: /^08:00:27/, router: /^10\.0\.\d+\.2$/ },
  { maker: 'QEMU', guest: /^52:54:00/, router: /^10\.0\.2\.2$/ },
  { maker: 'libvirt', guest: /^52:54:00/, router: /^192\.168\.122\.1$/ },
  { maker: 'VMware', guest: /^(?:00:0c:29|00:50:56|00:05:69)/, router: /^192\.168\.\d+\.2$/ },
  { maker: 'Hyper-V', guest: /^00:15:5d/, router: /^172\.(?:1[6-9]|2\d|3[01])\./ },
  { maker: 'Parallels', guest: /^00:1c:42/, router: /^10\.211\.55\.1$/ },
  { maker: 'Docker', guest: /^02:42:/, router: /^172\.(?:1[7-9]|2\d|3[01])\.0\.1$/ },
];

export const adapters: Check = async (examination) => {
  const state = await examination.network();
  if (state === undefined) return [finding('unknown', 'not-checked', {})];
  const [route] = state.defaultRoutes;
  const own = state.interfaces.find(({ name }) => name === route?.interfaceName);
  if (route !== undefined && own !== undefined) {
    const answers = (await examination.defaultGateway()) !== undefined;
    const maker = makerOf(own, route.gateway);
    if (own.virtual) return [finding(answers ? 'hint' : 'trouble', 'vpn-is-default', { interfaceName: own.name })];
    if (maker !== undefined) {
      return [finding(answers ? 'hint' : 'trouble', 'virtual-router', { router: route.gateway, maker })];
    }
  }
  const names = state.interfaces.filter(({ virtual, loopback }) => virtual && !loopback).map(({ name }) => name);
  return [names.length === 0 ? finding('fine', 'no-adapters', {}) : finding('fine', 'idle-adapters', { names })];
};

function makerOf({ mac = '' }: NetworkInterface, router: IpAddress): string | undefined {
  return VIRTUAL_ROUTERS.find((one) => one.guest.test(mac) && one.router.test(router))?.maker;
}
