/** Conversations with a scripted PCP server. */
import { ip } from '../../../main/contract/address.ts';
import type { MappingKey, MappingWish } from '../../../main/contract/mapping.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import { PcpControl } from '../../../main/gateways/pxp/pcp.ts';
import { pcpHeader, pcpMapAnswer, readPcp } from '../pxp-bytes.ts';
import { ScriptedUdp, type Script } from './scripted-udp.ts';

export const nonce = '0102030405060708090a0b0c';
export const never: AbortSignal = new AbortController().signal;
export const THIRD_PARTY = 1;
export const PREFER_FAILURE = 2;

export const wish: MappingWish = {
  family: 'ipv4',
  transport: 'tcp',
  external: { port: port(443) },
  internal: { client: ip('192.168.1.7'), port: port(8443) },
  lease: seconds(7200),
  description: 'a test',
  acceptOtherPort: false,
  handle: { nonce },
  recreate: false,
};
const key: MappingKey = wish;

/** A home whose router answers as the script says, and a control of it. */
export function pcp(script: Script, addresses: { readonly server?: string; readonly local?: string } = {}) {
  const lan = new ScriptedUdp(script, addresses);
  const control = new PcpControl({ network: lan, server: lan.server, localAddress: lan.localAddress });
  return {
    lan,
    control,
    requests: () => lan.sent.map(({ bytes }) => readPcp(bytes)),
    open: (changes: Partial<MappingWish> = {}) => lan.run(control.open({ ...wish, ...changes }, never)),
    close: (changes: Partial<MappingKey> = {}) => lan.run(control.close({ ...key, ...changes }, never)),
    vitals: () => lan.run(control.vitals(never)),
  };
}

/** Grants whatever is asked. */
export const generous: Script = (bytes) => ({
  bytes: readPcp(bytes).opcode === 0 ? pcpHeader({ opcode: 0, epoch: 2000 }) : pcpMapAnswer(bytes),
});
export const refusing =
  (result: number, lifetime = 0): Script =>
  (bytes) => ({ bytes: pcpMapAnswer(bytes, { result, lifetime }) });
