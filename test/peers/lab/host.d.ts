import type { Namespace } from './namespace.ts';
import type { Finished, RunningProcess, RunOptions, SpawnOptions } from './process.ts';

export type Transport = 'tcp' | 'udp';
export declare class LabHost {
  #private;
  readonly name: string;
  readonly namespace: Namespace;
  /** Its IPv4 address on its own network. */
  readonly address: string;
  /** Its global IPv6 address, in homes that have IPv6. */
  readonly address6: string | undefined;
  constructor(
    name: string,
    namespace: Namespace,
    addresses: {
      readonly v4: string;
      readonly v6: string | undefined;
    },
  );
  exec(command: readonly string[], options?: RunOptions): Promise<Finished>;
  spawn(command: readonly string[], options?: SpawnOptions): RunningProcess;
  /** Servers on this host that answer everything with this host's name in front. Idempotent. */
  readonly echo: {
    tcp: (port: number) => Promise<void>;
    udp: (port: number) => Promise<void>;
    stop: (transport: Transport, port: number) => Promise<void>;
  };
  /** The name of the host whose echo server answers there, as seen from here; `undefined` when nobody does.
   * 2 s are waited for an answer unless told otherwise; a refusal ends it at once. */
  reach(
    transport: Transport,
    address: string,
    port: number,
    options?: {
      readonly withinMs?: number;
    },
  ): Promise<string | undefined>;
  /** Does any echo server answer there, as seen from here? */
  probe(transport: Transport, address: string, port: number): Promise<boolean>;
}
