/** A computer of the lab: commands run in its namespace, real traffic to and from it. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespace } from './namespace.ts';
import { NODE, type Finished, type RunningProcess, type RunOptions, type SpawnOptions } from './process.ts';
import type { AgentRequest } from './echo.ts';

const TRIES = 3;
const ECHO = resolve(import.meta.dirname, 'echo.ts');

export type Transport = 'tcp' | 'udp';
type Question = AgentRequest extends infer Each ? (Each extends unknown ? Omit<Each, 'id'> : never) : never;

export class LabHost {
  readonly name: string;
  readonly namespace: Namespace;
  /** Its IPv4 address on its own network. */
  readonly address: string;
  /** Its global IPv6 address, in homes that have IPv6. */
  readonly address6: string | undefined;
  #agent: RunningProcess | undefined;
  #asked = 0;

  constructor(name: string, namespace: Namespace, addresses: { readonly v4: string; readonly v6: string | undefined }) {
    this.name = name;
    this.namespace = namespace;
    this.address = addresses.v4;
    this.address6 = addresses.v6;
  }

  exec(command: readonly string[], options?: RunOptions): Promise<Finished> {
    return this.namespace.exec(command, options);
  }

  spawn(command: readonly string[], options?: SpawnOptions): RunningProcess {
    return this.namespace.spawn(command, options);
  }

  /** Servers on this host that answer everything with this host's name in front. Idempotent. */
  readonly echo = {
    tcp: (port: number): Promise<void> => this.#listen('tcp', port),
    udp: (port: number): Promise<void> => this.#listen('udp', port),
    stop: async (transport: Transport, port: number): Promise<void> => {
      await this.#ask({ do: 'silence', transport, port });
    },
  };

  /** The name of the host whose echo server answers there, as seen from here; `undefined` when nobody does. Asked again
   * where nobody answers: a busy machine may lose a packet, and a rule is out for a moment when it is renewed (L23). */
  async reach(transport: Transport, address: string, port: number): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      const name = await this.#answer(transport, address, port);
      if (name !== undefined || tries === TRIES) return name;
      await sleep(500);
    }
  }

  /** Does nobody answer there? For what must be closed: asked once. */
  async isSilent(transport: Transport, address: string, port: number): Promise<boolean> {
    return (await this.#answer(transport, address, port)) === undefined;
  }

  /** 2 s are waited; a refusal ends it at once. */
  async #answer(transport: Transport, address: string, port: number): Promise<string | undefined> {
    const { answered } = await this.#ask({ do: 'probe', transport, address, port, withinMs: 2000 });
    return typeof answered === 'string' ? answered : undefined;
  }

  async #listen(transport: Transport, port: number): Promise<void> {
    await this.#ask({ do: 'listen', transport, port });
  }

  async #ask(question: Question): Promise<{ readonly answered?: unknown }> {
    if (this.#agent?.running !== true) {
      this.#agent = this.spawn([NODE, ECHO, 'agent', this.name]);
      this.#agent.unref();
    }
    const id = ++this.#asked;
    this.#agent.write(JSON.stringify({ ...question, id }));
    const answer = await this.#agent.line((line) => {
      const said: { id?: unknown; error?: unknown; answered?: unknown } = Object(JSON.parse(line));
      return said.id === id ? said : undefined;
    });
    if (answer.error !== undefined)
      throw new Error(`${this.name}: ${JSON.stringify(question)}: ${JSON.stringify(answer.error)}`);
    return answer;
  }
}
