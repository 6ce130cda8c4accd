/** The HTTP side of a simulated gateway: descriptions, control, eventing, and how real daemons stumble at each. */
import { endpointText, familyOf, parseIp, type Family, type IpAddress } from '../../contract/address.ts';
import { inSeconds } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import { NetworkError, type Connection, type Listener } from '../../system/system.ts';
import type { Personality } from '../router/personality.ts';
import type { RouterState } from '../router/router-state.ts';
import { GenaPublisher } from './gena-publisher.ts';
import { SignInGate } from './sign-in-gate.ts';
import { perform } from './igd-actions.ts';
import { deviceDescription, serviceDescription, servicesOf, type Service } from './igd-descriptions.ts';
import { readRequest, writeHttp, type HttpRequest, type HttpResponse } from './igd-http.ts';
import { readCall, writeFault, writeResponse, type ActionResult } from './igd-soap.ts';

const requestLimit = inSeconds(15);
/** Port of TR-064. */
const signInPort = 49_000;
/** E16, X32: until whoever watches over the daemon has it up again. */
const crashLasts = inSeconds(20);
/** Connections served at once; the rest are closed at once. */
const mostConnections = 64;

type Answer = HttpResponse | 'hang-up';
/** AVM's code. */
const secondFactorNeeded = 866;
const notFound: HttpResponse = { status: 404, type: 'text/html', body: '<html><body>Not Found</body></html>' };
/** To AddPortMapping. */
const oddAnswers: Readonly<Record<Exclude<Personality['soap']['add'], 'answered'>, Answer>> = {
  page: { status: 200, type: 'text/html', body: '<html><body><h1>Please log in</h1></body></html>' },
  noise: { status: 200, body: '\u0007\u001b[2J ~~ \u009b31m' },
  nothing: { status: 200 },
  'hang-up': 'hang-up',
};
const badRequest: HttpResponse = { status: 400, type: 'text/html', body: '<html><body>Bad request</body></html>' };

export class IgdServer {
  readonly #state: RouterState;
  readonly #wantedPort: number;
  readonly #publisher: GenaPublisher;
  readonly #signal: AbortSignal;
  readonly #gate: SignInGate | undefined;
  #listeners: readonly Listener[] = [];
  #connections = 0;
  #controls = 0;

  /** @param wantedPort 0 for a free one at each start (D14)
   * @param signal the daemon's life */
  constructor(state: RouterState, wantedPort: number, signal: AbortSignal) {
    this.#state = state;
    const { signIn } = state.personality.http;
    this.#gate = signIn === undefined ? undefined : new SignInGate(signIn, state);
    this.#wantedPort = wantedPort === 0 && signIn !== undefined ? signInPort : wantedPort;
    this.#signal = signal;
    this.#publisher = new GenaPublisher(state, signal);
  }

  /** Listening once resolved, until the signal. @throws NetworkError when the port cannot be had */
  async start(): Promise<void> {
    const { lan, system } = this.#state;
    const first = await system.tcp.listen({ address: lan.address, port: this.#wantedPort });
    this.#listeners = [first];
    if (lan.address6 !== undefined) {
      const second = await system.tcp.listen({ address: lan.address6, port: this.#wantedPort });
      this.#listeners = [first, second];
    }
    for (const listener of this.#listeners) void this.#accept(listener);
  }

  /** The description's URL as hosts of that family reach it; `undefined` when it is not served to them. */
  location(family: Family): string | undefined {
    const listener = this.#listeners.find((each) => familyOf(each.local.address) === family);
    if (listener === undefined) return undefined;
    return `http://${endpointText(listener.local)}${this.#description}`;
  }

  get #description(): string {
    return this.#gate === undefined ? `${this.#state.boot.pathPrefix}/rootDesc.xml` : '/tr64desc.xml';
  }

  /** Something that is evented may be different now. */
  changed(): void {
    this.#publisher.changed();
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
  }

  async #accept(listener: Listener): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        const connection = await listener.accept(this.#signal);
        if (this.#connections >= mostConnections) connection.close();
        else void this.#serve(connection);
      }
    } catch (error) {
      const closed = error instanceof NetworkError && error.fault === 'closed';
      if (!this.#signal.aborted && !closed) {
        this.#state.system.log.write('error', 'simulated router: HTTP stopped', { error });
      }
    } finally {
      listener.close();
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const { counters, personality, system } = this.#state;
    this.#connections += 1;
    try {
      const request = await forAtMost(system.clock, requestLimit, this.#signal, (signal) =>
        readRequest(connection, personality.http.onePacket, signal),
      );
      if (request === undefined || request === 'gone') return;
      counters.enter();
      try {
        await this.#respond(connection, request);
      } finally {
        counters.leave();
      }
    } catch (error) {
      const expected = this.#signal.aborted || error instanceof NetworkError;
      if (!expected) system.log.write('error', 'simulated router: request failed', { error });
    } finally {
      this.#connections -= 1;
      connection.close();
    }
  }

  async #respond(connection: Connection, request: HttpRequest | 'bad'): Promise<void> {
    const { counters, personality, system } = this.#state;
    const { http, device } = personality;
    if (counters.inFlight > 1 && http.parallel !== 'fine') {
      // X32.
      if (http.parallel === 'crashes') this.#state.crash(crashLasts);
      return;
    }
    await system.clock.sleep(http.latency, this.#signal);
    const answer = request === 'bad' ? this.#bad() : this.#answer(request, connection);
    if (answer === 'hang-up') return;
    const version = request === 'bad' ? '1.1' : request.version;
    await connection.write(writeHttp(http, device.server, version, answer));
    const id = answer.headers?.find(([name]) => name === 'SID')?.[1];
    if (id !== undefined) this.#publisher.greet(id);
  }

  #bad(): HttpResponse {
    this.#state.counters.count('bad request');
    return badRequest;
  }

  #answer(request: HttpRequest, connection: Connection): Answer {
    const { http } = this.#state.personality;
    // X22.
    if (http.versions !== 'any' && request.version !== http.versions) return 'hang-up';
    if (!this.#isAddressed(request)) return notFound;
    const path = request.target.replace(/^http:\/\/[^/]*/i, '');
    const services = servicesOf(this.#state).flat();
    switch (request.method) {
      case 'GET':
        return this.#document(path, services, connection);
      case 'POST':
      case 'M-POST':
        return this.#control(request, path, services, connection.remote.address);
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
        return this.#event(request, path, services, connection.remote.address);
      default:
        this.#state.counters.count('bad request');
        return { status: 501, type: 'text/html', body: '<html><body>Not Implemented</body></html>' };
    }
  }

  /** X17, X38: the Host header is an address, against DNS rebinding. */
  #isAddressed(request: HttpRequest): boolean {
    const host = request.headers.get('host');
    if (host === undefined) return !this.#state.personality.http.hostNeedsPort;
    const [, address, port] = /^\[?([\da-fA-F.:]+?)\]?(?::(\d{1,5}))?$/.exec(host) ?? [];
    if (address === undefined || parseIp(address) === undefined) return false;
    return port !== undefined || !this.#state.personality.http.hostNeedsPort;
  }

  #document(path: string, services: readonly Service[], connection: Connection): HttpResponse {
    const { counters } = this.#state;
    if (path === this.#description) {
      counters.count('GET description');
      return { status: 200, body: deviceDescription(this.#state, `http://${endpointText(connection.local)}`) };
    }
    const service = services.find((each) => each.scpd === path);
    counters.count(service === undefined ? 'not found' : 'GET scpd');
    return service === undefined ? notFound : { status: 200, body: serviceDescription(this.#state, service.kind) };
  }

  #control(request: HttpRequest, path: string, services: readonly Service[], from: IpAddress): Answer {
    const { personality, counters } = this.#state;
    const { http, soap } = personality;
    const service = services.find((each) => each.control === path);
    if (service === undefined) {
      counters.count('not found');
      return notFound;
    }
    if (request.method !== http.method) {
      counters.count('wrong method');
      return { status: 405, type: 'text/html', headers: [['Allow', http.method]] };
    }
    const refusal = this.#gate?.refusal(request);
    if (refusal !== undefined) {
      counters.count('401');
      return refusal;
    }
    this.#controls += 1;
    // X34.
    if (http.hangsUpEvery > 0 && this.#controls % http.hangsUpEvery === 0) return 'hang-up';
    const header = soapAction(request);
    const call = readCall(header, request.body);
    if (call === undefined || (http.quotedActionOnly && header?.startsWith('"') !== true)) return this.#bad();
    if (http.signIn?.secondFactor === true && /^(?:Add|Delete)/.test(call.action)) {
      return { status: 500, body: writeFault(secondFactorNeeded) };
    }
    const isOdd = call.action === 'AddPortMapping' && soap.add !== 'answered';
    if (isOdd && !soap.addIsDone) {
      counters.count(call.action);
      return oddAnswers[soap.add];
    }
    const result = perform(this.#state, service, call, { address: from });
    if (isOdd) return oddAnswers[soap.add];
    if (typeof result === 'string') return this.#stumble(result);
    if ('fault' in result) return { status: soap.faultStatus, body: writeFault(result.fault) };
    // X27.
    if (soap.emptySuccess && Object.keys(result.out).length === 0) return { status: 200 };
    return { status: 200, body: writeResponse(call, result.out, soap) };
  }

  #stumble(result: Extract<ActionResult, string>): Answer {
    if (result === 'bare-500') return { status: 500 };
    if (result === 'die') this.#state.crash(crashLasts);
    return 'hang-up';
  }

  #event(request: HttpRequest, path: string, services: readonly Service[], from: IpAddress): HttpResponse {
    this.#state.counters.count(request.method);
    const service = services.find((each) => each.event === path);
    if (service === undefined) return notFound;
    if (!this.#state.personality.status.events) return { status: 503 };
    if (request.method === 'UNSUBSCRIBE') return this.#publisher.unsubscribe(request);
    return this.#publisher.subscribe(request, service.kind, from);
  }
}

/** With M-POST, the header has the prefix that MAN names (RFC 2774). */
function soapAction(request: HttpRequest): string | undefined {
  if (request.method !== 'M-POST') return request.headers.get('soapaction');
  const prefix = /ns\s*=\s*(\d{2})/.exec(request.headers.get('man') ?? '')?.[1];
  return prefix === undefined ? undefined : request.headers.get(`${prefix}-soapaction`);
}
