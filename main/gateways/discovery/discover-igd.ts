/** Judges by its description whether a device can open ports, whatever it called itself (D3, D17). */
import { familyOf, type IpAddress } from '../../contract/address.ts';
import type { FoundBy } from '../../contract/model.ts';
import { inSeconds, millis } from '../../contract/units.ts';
import { httpUrlText, parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import type { WrongUrl } from '../../contract/problems.ts';
import { isFailure, outcomeOf, Refused, Unreachable, type Failure } from '../failure.ts';
import { ServiceClient } from '../upnp/soap-call.ts';
import { httpCode } from '../upnp/upnp-errors.ts';
import type { RememberedControl, RememberedService } from '../gateway.ts';
import { readIgd, type IgdDescription } from '../igd/igd-services.ts';
import { LateTraits, type RouterMemory } from '../router-memory.ts';
import { atMost, Turns } from '../waiting.ts';
import type { Candidate } from './discover-ssdp.ts';
import type { FindingMaker } from './finding-maker.ts';
import { reportIgd, reportPinholes, type ServiceSource } from './igd-findings.ts';
import { gatewayIdOf, hasGlobalIpv6, isDefaultRouter, localAddressTo, placeOf, type Link } from './links.ts';

/** Descriptions fetched from other hosts than routers at once. */
const AT_ONCE = 8;
/** A remembered control that answers spares the description (X36); one that hangs must not hold it up. */
const REMEMBERED_HEAD_START = millis(500);
const DESCRIPTION_TIME = inSeconds(8);
/** Where miniupnpd, FRITZ!Boxes, Linux-IGD and others have their description. */
const USUAL_PLACES = ['/rootDesc.xml', '/igddesc.xml', '/gatedesc.xml', '/igd.xml'];

/** TR-064: where FRITZ!Boxes and their kin offer the same services to signed-in users, also without UPnP. */
const SIGN_IN_PLACE = { port: 49_000, target: '/tr64desc.xml' } as const;

interface Device {
  readonly link: Link;
  readonly url: HttpUrl;
  readonly foundBy: FoundBy;
  /** Nobody pointed there: nothing is said when nothing is there. */
  readonly isGuess: boolean;
  /** A person gave this very URL. */
  readonly isGiven?: boolean;
  /** See {@link SIGN_IN_PLACE}. */
  readonly isForSignedIn?: boolean;
  /** LOCATION named another host (D20). */
  readonly isMoved?: boolean;
  /** Another host named it (D8), or minissdpd, which hears everybody: it neither delays nor displaces what the host
   * says of itself. */
  readonly isHearsay?: boolean;
}

export class IgdJudge {
  readonly #make: FindingMaker;
  readonly #memory: Pick<RouterMemory, 'traitsFor'>;
  readonly #signal: AbortSignal;
  readonly #asked = new AskedPlaces();
  readonly #lanes = new HostLanes();
  /** By host: remembered controls being tried. */
  readonly #trials = new Map<string, Promise<void>>();
  /** Descriptions whose remembered control still works. */
  readonly #confirmed = new Set<string>();

  constructor(make: FindingMaker, memory: Pick<RouterMemory, 'traitsFor'>, signal: AbortSignal) {
    this.#make = make;
    this.#memory = memory;
    this.#signal = signal;
  }

  /** Each place is asked once, however often it is announced (D10). */
  consider({ location, from, link, foundBy }: Candidate): void {
    const place = placeOf(location, from, link);
    if (place === undefined) {
      this.#make.ledger.passOver(from, 'its LOCATION is no http URL');
      return;
    }
    const { url, isMoved } = place;
    const isHearsay = foundBy === 'minissdpd' || (from !== url.address && !link.routers.includes(from));
    this.#judgeOnce({ link, url, foundBy, isGuess: false, isMoved, isHearsay });
  }

  /** Before anything else of that router: its offers to signed-in users go before those to everybody. */
  considerSignedIn(link: Link): void {
    for (const address of ipv4Routers(link)) if (this.#hasSignIn(address)) this.#judgeForSignedIn(link, address);
  }

  /** At the end: does a router that offers nothing to everybody have something for signed-in users? */
  considerSigningIn(link: Link, isMeant: (address: IpAddress) => boolean): void {
    for (const address of ipv4Routers(link).filter(isMeant)) {
      const gateway = gatewayIdOf(link, address);
      const offersAny = (['pcp', 'nat-pmp', 'igd'] as const).some((kind) => this.#make.hasWell(gateway, kind, 'ipv4'));
      if (!offersAny && !this.#hasSignIn(address)) this.#judgeForSignedIn(link, address);
    }
  }

  /** Reads the description that a person pointed at, wherever it is. */
  considerManual(url: HttpUrl, link: Link): void {
    this.#judgeOnce({ link, url, foundBy: 'manual', isGuess: false, isGiven: true });
  }

  /** Many routers have their description in one of a few places; asked where a person has pointed beside it. */
  considerUsual(url: HttpUrl, link: Link): void {
    for (const target of USUAL_PLACES)
      this.#judgeOnce({ link, url: { ...url, target }, foundBy: 'manual', isGuess: true });
  }

  /** Makes the control without reading the description, and reports it if it answers (D14, D15). */
  tryRemembered(remembered: RememberedControl, link: Link, isSameRouter: boolean): void {
    const { service, address, location } = remembered;
    // Its offers to signed-in users may be more.
    if (this.#hasSignIn(address) && !isForSignedIn(location)) return;
    if (service === undefined || parseHttpUrl(service.controlUrl) instanceof WireError) {
      if (location !== undefined) this.consider({ location, from: address, link, foundBy: 'remembered' });
      return;
    }
    // Kept on disk, so not trusted either.
    if (!isAt(service, address)) return;
    const host = `${link.name} ${address}`;
    const before = this.#trials.get(host) ?? Promise.resolve();
    this.#trials.set(
      host,
      before.then(() =>
        // A service that is no longer there is no news: the search goes on (D14).
        this.#guarded({ link, isGuess: true }, address, () =>
          this.#tryService(remembered, service, link, isSameRouter),
        ),
      ),
    );
  }

  /** Somebody has answered, and may turn out to open ports. */
  get isBusy(): boolean {
    return this.#lanes.isBusy;
  }

  /** Resolves once nothing is being judged any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#trials.values());
    await this.#lanes.settled();
  }

  #hasSignIn(address: IpAddress): boolean {
    return this.#make.system.signIns?.has(address) === true;
  }

  #judgeForSignedIn(link: Link, address: IpAddress): void {
    const url = { address, ...SIGN_IN_PLACE };
    this.#judgeOnce({ link, url, foundBy: 'manual', isGuess: true, isForSignedIn: true });
  }

  #judgeOnce(device: Device): void {
    const { link, url } = device;
    const host = `${link.name} ${url.address}`;
    const location = httpUrlText(url);
    const isRouter = link.routers.includes(url.address);
    const hearsay = `${host} by hearsay`;
    // A question that a router which is away leaves unanswered must not keep us from the first word of its return.
    const isForLater = device.isForSignedIn === true && !this.#hasSignIn(url.address);
    const own = isForLater ? `${host} to sign in` : host;
    const [lane, otherLane] = device.isHearsay === true ? [hearsay, host] : [own, hearsay];
    // Both say the same, and nothing is in the way of it: some routers do not bear two requests at once (X32).
    if (this.#asked.isFirst(otherLane, location)) return;
    if (!this.#asked.ask(lane, location, isRouter || device.foundBy === 'manual')) return;
    if (device.isMoved === true) this.#make.system.log.write('debug', 'trying the sender', { location }); // D20
    this.#lanes.add(lane, { isFavoured: isRouter, isAnswer: !isForLater }, () =>
      this.#guarded(device, url.address, async () => {
        await this.#trialOf(host);
        if (!(await this.#judge(device))) this.#asked.failed(lane, location);
      }),
    );
  }

  /** Was its description read, so that it need not be asked again? @throws the failure of a control, or the signal's reason */
  async #judge(device: Device): Promise<boolean> {
    const { link, url, foundBy } = device;
    const location = httpUrlText(url);
    const gateway = await this.#make.gatewayOf(link, url.address);
    const hasIgd = this.#confirmed.has(location) || this.#make.hasWell(gateway, 'igd', 'ipv4');
    // X36: what it would say is known.
    if (hasIgd && (!hasGlobalIpv6(link) || this.#make.hasWell(gateway, 'pinhole', 'ipv6'))) return true;
    const traits = new LateTraits(this.#memory);
    const localAddress = localAddressTo(link, url.address);
    let igd: IgdDescription;
    try {
      igd = await readIgd(this.#make.system, url, this.#signal, { traits, time: DESCRIPTION_TIME, localAddress });
    } catch (error) {
      if (this.#signal.aborted || !isFailure(error)) throw error;
      this.#failed(device, url.address, error);
      this.#pointedAt(device, whatIsThere(error));
      return !(error instanceof Unreachable);
    }
    this.#make.ledger.heardFrom(link.name, url.address);
    const { name, model, queue } = igd;
    if (igd.wan.length === 0 && igd.firewall === undefined) {
      const what = [name, model].find((text) => text !== '') ?? 'a device';
      this.#make.ledger.passOver(url.address, `${what} has no service that opens ports`);
      this.#pointedAt(device, 'other-device');
      return true;
    }
    traits.identify(await this.#make.fingerprint(link, url.address, model));
    if (device.isForSignedIn === true && !(await this.#isLetIn(device, igd, traits))) {
      this.#make.ledger.guarded(link.name, url.address);
      return true;
    }
    await this.#report({ link, address: url.address, foundBy, name, model, location, traits, queue }, igd);
    if (foundBy !== 'manual' && !isDefaultRouter(link, url.address)) this.#askRouterToo(device);
    return true;
  }

  /** Answers the router's question for a password, if the person has given one. */
  async #isLetIn(
    { link, url }: Device,
    { wan: [service], queue }: IgdDescription,
    traits: LateTraits,
  ): Promise<boolean> {
    if (service === undefined || !this.#hasSignIn(url.address)) return false;
    const localAddress = localAddressTo(link, url.address);
    const client = new ServiceClient({ network: this.#make.system, queue, service, traits, localAddress });
    const outcome = await outcomeOf(client.call('GetStatusInfo', [], this.#signal, { idempotent: true }));
    // Whatever else is wrong with it shows when it is used.
    return !(outcome instanceof Refused && outcome.code === httpCode(401));
  }

  async #report(source: ServiceSource, igd: IgdDescription): Promise<void> {
    const [service, ...alternatives] = igd.wan;
    const { common, firewall } = igd;
    // V9: IPv4 ports over IPv4 only.
    if (service !== undefined && familyOf(source.address) === 'ipv4' && !this.#confirmed.has(igd.location)) {
      await reportIgd(this.#make, source, { service, alternatives, common }, this.#signal);
    }
    if (firewall !== undefined) await this.#reportPinholes(source, firewall);
  }

  /** Many describe a firewall that they do not serve over IPv6 (V1, V9); they are gateways all the same. */
  async #reportPinholes(source: ServiceSource, firewall: RememberedService): Promise<void> {
    const failure = await outcomeOf(reportPinholes(this.#make, source, firewall, this.#signal));
    this.#signal.throwIfAborted();
    const { address } = source;
    if (failure !== undefined) this.#make.system.log.write('debug', 'no pinholes', { address, error: failure.message });
  }

  #failed({ link, isGuess }: Pick<Device, 'link' | 'isGuess'>, address: IpAddress, error: Failure): void {
    this.#make.ledger.note(error);
    if (!(error instanceof Unreachable) || error.why === 'refused') this.#make.ledger.heardFrom(link.name, address);
    // X37: other people's devices want a password, and are none of our business.
    if (!isGuess) this.#make.ledger.passOver(address, error.message);
    if (error instanceof Refused && error.code === httpCode(401)) this.#make.ledger.guarded(link.name, address);
  }

  #pointedAt({ url, isGiven }: Device, what: WrongUrl): void {
    if (isGiven !== true) return;
    this.#make.ledger.wrongUrl ??= { url: httpUrlText(url), what, router: url.address };
  }

  /** D8: one of a pair of routers may answer for the address that both share. */
  #askRouterToo({ link, url, foundBy }: Device): void {
    const router = link.routers.find((address) => familyOf(address) === familyOf(url.address));
    if (router === undefined || this.#make.hasWell(gatewayIdOf(link, router), 'igd', 'ipv4')) return;
    this.#judgeOnce({ link, url: { ...url, address: router }, foundBy, isGuess: true });
  }

  async #tryService(
    remembered: RememberedControl,
    service: RememberedService,
    link: Link,
    isSameRouter: boolean,
  ): Promise<void> {
    const { address, location, kind, common } = remembered;
    const { name, model } = service;
    const traits = new LateTraits(this.#memory);
    traits.identify(await this.#make.fingerprint(link, address, model));
    const source = { link, address, foundBy: 'remembered', name, model, location, traits } as const;
    if (kind === 'pinhole') {
      await reportPinholes(this.#make, source, service, this.#signal);
      return;
    }
    const counter = common !== undefined && isAt(common, address) ? common : undefined;
    const isTrusted = isSameRouter && link.routers.includes(address);
    await reportIgd(this.#make, { ...source, isTrusted }, { service, common: counter }, this.#signal);
    if (location !== undefined) this.#confirmed.add(location);
  }

  /** Waits until the remembered controls of this host have been tried, or take too long. */
  async #trialOf(host: string): Promise<void> {
    const trial = this.#trials.get(host);
    if (trial === undefined) return;
    await atMost(this.#make.system.clock, REMEMBERED_HEAD_START, trial, this.#signal);
  }

  /** Whatever a device does, the search goes on. */
  async #guarded(
    device: Pick<Device, 'link' | 'isGuess'>,
    address: IpAddress,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#signal.aborted) return;
      if (isFailure(error)) this.#failed(device, address, error);
      else this.#make.system.log.write('error', 'checking a device failed', { address, error: String(error) });
    }
  }
}

/** For a place that is not a router's description. */
function whatIsThere(error: Failure): WrongUrl {
  if (error instanceof Unreachable) {
    // A path that is gone counts as a closed port (D15), and is none.
    if (error.why === 'refused') return error.cause === undefined ? 'missing' : 'closed';
    return 'silent';
  }
  if (error instanceof Refused)
    return error.code === httpCode(401) ? 'password' : error.code === httpCode(403) ? 'forbidden' : 'other';
  if (/<(?:\w+:)?scpd[\s>]/i.test(error.capture)) return 'service-description';
  return /<(?:!doctype\s+)?html/i.test(error.capture) ? 'web-page' : 'other';
}

const ipv4Routers = (link: Link): readonly IpAddress[] =>
  link.routers.filter((address) => familyOf(address) === 'ipv4');

const isForSignedIn = (location: string | undefined): boolean => location?.endsWith(SIGN_IN_PLACE.target) === true;

function isAt({ controlUrl }: RememberedService, address: IpAddress): boolean {
  const url = parseHttpUrl(controlUrl);
  return !(url instanceof WireError) && url.address === address;
}

/** A household with more devices that answer to a search for routers has not been seen. */
const MOST_HOSTS = 64;
/** IGD:1 and IGD:2 views, and what a setup device adds (D2, D12). */
const MOST_PLACES_PER_HOST = 8;
/** One that could not be fetched is tried again when it is announced again. */
const MOST_ATTEMPTS = 2;

interface DescriptionPlace {
  attempts: number;
  mayBeAsked: boolean;
}

/** Each description is asked for once, however often it is announced (D10). */
class AskedPlaces {
  readonly #hosts = new Map<string, Map<string, DescriptionPlace>>();

  /** Whether to ask now; if so it counts as asked. An important host has its place however many others there are. */
  ask(host: string, location: string, isImportant: boolean): boolean {
    const places = this.#hosts.get(host) ?? new Map<string, DescriptionPlace>();
    const place = places.get(location) ?? { attempts: 0, mayBeAsked: true };
    if (!place.mayBeAsked || place.attempts >= MOST_ATTEMPTS) return false;
    if (place.attempts === 0 && places.size >= MOST_PLACES_PER_HOST) return false;
    if (!this.#hosts.has(host) && this.#hosts.size >= MOST_HOSTS && !isImportant) return false;
    this.#hosts.set(host, places.set(location, { attempts: place.attempts + 1, mayBeAsked: false }));
    return true;
  }

  /** Is it being asked, or was it, before anything else of that host? */
  isFirst(host: string, location: string): boolean {
    const [first] = this.#hosts.get(host) ?? [];
    return first !== undefined && first[0] === location && !first[1].mayBeAsked;
  }

  /** Nobody was there; it may be asked again. */
  failed(host: string, location: string): void {
    const place = this.#hosts.get(host)?.get(location);
    if (place !== undefined) place.mayBeAsked = true;
  }
}

/** Work on many hosts: one piece at a time for each, a few hosts at a time, favoured hosts without waiting. */
class HostLanes {
  readonly #turns = new Turns(() => AT_ONCE);
  readonly #lanes = new Map<string, Promise<void>>();
  #running = 0;

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Starts `work` after what was given for this host before; it must not reject.
   * @param how `isAnswer`: somebody has answered, and is waited for */
  add(
    host: string,
    { isFavoured, isAnswer }: { readonly isFavoured: boolean; readonly isAnswer: boolean },
    work: () => Promise<void>,
  ): void {
    const count = isAnswer ? 1 : 0;
    this.#running += count;
    const turn = (this.#lanes.get(host) ?? Promise.resolve())
      .then(() => (isFavoured ? work() : this.#oneOfFew(work)))
      .finally(() => (this.#running -= count));
    this.#lanes.set(host, turn);
  }

  /** Resolves once no host has work left. */
  async settled(): Promise<void> {
    for (let seen = 0; ;) {
      const lanes = [...this.#lanes.values()];
      await Promise.all(lanes);
      const isStill = [...this.#lanes.values()].every((lane, index) => lane === lanes[index]);
      if (isStill && this.#lanes.size === seen) return;
      seen = this.#lanes.size;
    }
  }

  async #oneOfFew(work: () => Promise<void>): Promise<void> {
    await this.#turns.take();
    try {
      await work();
    } finally {
      this.#turns.giveBack();
    }
  }
}
