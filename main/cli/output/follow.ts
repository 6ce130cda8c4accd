/** Prints what changes, once. */
import { actionsFor } from '../../contract/problem-actions.ts';
import { withFronts, type GatewayView, type MappingView, type Snapshot } from '../../contract/snapshot.ts';
import type { Problem, ProblemCode } from '../../contract/problems.ts';
import type { AppSnapshot, HoldView } from '../../contract/commands.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import { nameText } from '../../contract/words/name.ts';
import type { Console } from './console.ts';
import { countsOf } from './outcome.ts';
import { holdText } from './profile-report.ts';
import { Explained, gatewayLine, mappingLines, mappingRecord, nameRecord, settingLines } from './report.ts';

/** With more mappings than this, only refused ones get a line each; the rest are counted. */
const MANY = 60;

/** Returns what ends it. */
export function follow(watch: (listener: (snapshot: Snapshot) => void) => () => void, console: Console): () => void {
  const told = { lines: new Map<string, string>(), records: new Map<string, string>(), sum: '', gateways: '' };
  const explained = new Explained();
  const gateways = new Map<string, string>();
  const problems = new Set<string>();
  let last: readonly MappingView[] = [];
  return watch((snapshot) => {
    const { mappings } = snapshot;
    for (const gateway of withFronts(snapshot.gateways)) {
      const isFront = !snapshot.gateways.includes(gateway);
      const isUnderWay = isFront ? mappings.some(({ status }) => status.at === 'opening') : snapshot.search.running;
      // Its address is often the last thing that becomes known.
      const mayBeKnownSoon = gateway.externalAddress === 'unknown' && isUnderWay;
      if (!gateways.has(gateway.id)) {
        if (mayBeKnownSoon) continue;
        console.note(gatewayLine(gateway, isFront));
        // The home’s router shows its address, too.
      } else if (!isFront) tellAddress(gateway);
      const isKnown = gateway.externalAddress !== 'unknown';
      if (isKnown || !gateways.has(gateway.id)) gateways.set(gateway.id, gateway.externalAddress);
    }
    const current = new Set(snapshot.problems.map(keyOf));
    for (const gone of problems) if (!current.has(gone)) problems.delete(gone);
    for (const problem of snapshot.problems) {
      const key = keyOf(problem);
      if (problems.has(key)) continue;
      problems.add(key);
      console.problem(problem);
      for (const line of settingLines(actionsFor(problem, { ...snapshot, isDesktop: false }))) console.note(line);
    }
    const isLong = mappings.length > MANY || last.length > MANY;
    const wanted = new Set(mappings.filter(({ status }) => status.at !== 'closing').map(({ id }) => id));
    const around = JSON.stringify(
      snapshot.gateways.map(({ id, address, externalAddress }) => [id, address, externalAddress]),
    );
    const unchanged = new Set(around === told.gateways ? last : []);
    told.gateways = around;
    for (const mapping of mappings) {
      const isClosing = mapping.status.at === 'closing';
      // Closed on one router because another one has it.
      if (isClosing ? wanted.has(mapping.id) : unchanged.has(mapping)) continue;
      if (console.json) tellRecord(mapping, snapshot);
      else tellLines(mapping, snapshot, isLong);
    }
    const present = new Set(mappings.map(({ id }) => id));
    for (const gone of last) {
      if (present.has(gone.id)) continue;
      told.lines.delete(gone.id);
      told.records.delete(gone.id);
      const { forward, transport, external } = gone;
      // A port that was never open is not closed.
      if (!isHeld(gone)) continue;
      if (!isLong) console.line(`closed   ${external.port}/${transport}`);
      console.record({ event: 'closed', forward, transport, wantedPort: external.port });
    }
    if (isLong && !console.json) tellSum(snapshot);
    last = mappings;
  });

  function tellAddress({ id, name, address, externalAddress: now }: GatewayView): void {
    const before = gateways.get(id);
    if (now === before || now === 'unknown' || before === undefined || before === 'unknown') return;
    console.line(
      now === 'none'
        ? `address  ${name} has no public IP address`
        : `address  ${now} is the public IP address of ${name}${before === 'none' ? '' : `; it was ${before}`}`,
    );
    console.record({ event: 'address', gateway: address, from: before, to: now });
  }

  function tellLines(mapping: MappingView, snapshot: Snapshot, isLong: boolean): void {
    const { id, status } = mapping;
    // Before the first word from a router there is nothing to say but that it is looked for.
    if (status.at === 'waiting' && status.problem === undefined && !told.lines.has(id)) return;
    const lines = mappingLines(mapping, snapshot);
    const text = lines.join('\n');
    if (lines.length === 0 || told.lines.get(id) === text) return;
    told.lines.set(id, text);
    if (isLong && status.at !== 'refused') return;
    for (const line of status.at === 'waiting' ? explained.once(lines) : lines) console.line(line);
  }

  function tellRecord(mapping: MappingView, snapshot: Snapshot): void {
    // It is open; news about it is printed once that is renewed.
    if (mapping.status.at === 'renewing') return;
    const news = JSON.stringify(brief(mapping, snapshot));
    if (told.records.get(mapping.id) === news) return;
    told.records.set(mapping.id, news);
    console.record(mappingRecord(mapping, snapshot));
  }

  /** Once nothing is under way. */
  function tellSum(snapshot: Snapshot): void {
    if (snapshot.mappings.some(({ status }) => status.at === 'opening' || status.at === 'closing')) return;
    const { open, refused, waiting } = countsOf(snapshot);
    const sum = `${open} ports open, ${refused} refused, ${waiting} waiting.`;
    if (sum === told.sum) return;
    told.sum = sum;
    console.line(sum);
  }
}

const keyOf = ({ code, gateway, forward }: Problem): string => `${code} ${gateway ?? ''} ${forward ?? ''}`;

const isHeld = ({ status }: MappingView): boolean => 'lease' in status;

/** A renewal changes moments only; that is not news. */
function brief(mapping: MappingView, snapshot: Snapshot): Record<string, unknown> {
  const record = mappingRecord(mapping, snapshot);
  const { expiresAt: _expiresAt, grantedAt: _grantedAt, evidence: _evidence, ...news } = record;
  return news;
}

interface Source {
  readonly leftovers: readonly Leftover[];
  watch(listener: (snapshot: Snapshot) => void): () => void;
}

/** Returns what ends it. */
export function followLeftovers(source: Source, console: Console): () => void {
  let last = new Map<LeftoverKey, Leftover>();
  return source.watch(({ at, mappings }) => {
    // Those that were open in this run are reported as mappings.
    const old = source.leftovers.filter(({ kept, mapping }) => !kept && mapping === undefined);
    const current = new Map(old.map((leftover) => [leftover.key, leftover]));
    for (const [key, { lease }] of last) {
      if (current.has(key)) continue;
      const { transport, external, expiresAt } = lease;
      const isWanted = mappings.some((one) => one.transport === transport && one.external.port === external.port);
      const isOver = expiresAt !== 'never' && expiresAt <= at;
      if (isWanted || isOver) continue;
      console.line(`closed   ${external.port}/${transport}  left open by an earlier run`);
      console.record({ event: 'closed', transport, wantedPort: external.port, leftover: true });
    }
    last = current;
  });
}

/** The state at the start is not news. Returns what ends it. */
export function followProfiles(
  watch: (listener: (snapshot: AppSnapshot) => void) => () => void,
  console: Console,
): () => void {
  let known: ReadonlyMap<string, string> | undefined;
  let wasPaused: boolean | undefined;
  let troubles: ReadonlySet<ProblemCode> | undefined;
  let knownHolds: ReadonlyMap<string, HoldView> | undefined;
  let knownName: string | undefined;
  return watch(({ profiles, held, holds, settings, problems, address, engine }) => {
    const stateOf = (id: AppSnapshot['held'][number], on: boolean): string =>
      on ? 'on' : held.includes(id) ? 'held' : 'off';
    const now = new Map<string, string>(profiles.map(({ id, on }) => [id, stateOf(id, on)]));
    const tell = (id: string, state: string): void => {
      console.line(`profile  ${id}  ${state}`);
      console.record({ event: 'profile', id, state });
    };
    if (known !== undefined) {
      for (const [id, state] of now) if (known.get(id) !== state) tell(id, state);
      for (const id of known.keys()) if (!now.has(id)) tell(id, 'removed');
    }
    if (wasPaused !== undefined && wasPaused !== settings.paused) {
      console.line(
        settings.paused ? 'paused   all ports are closed' : 'resumed  ports of profiles that are on open again',
      );
      console.record({ event: settings.paused ? 'paused' : 'resumed' });
    }
    const ofProfiles = problems.filter(({ code }) => /^(?:profiles|name|address)-/.test(code));
    for (const problem of ofProfiles) if (troubles?.has(problem.code) === false) console.problem(problem);
    troubles = new Set(ofProfiles.map(({ code }) => code));
    const name =
      address.name?.at === 'current' ? JSON.stringify([address.name.name, address.name.pointsTo]) : knownName;
    if (address.name !== null && knownName !== undefined && name !== knownName) {
      console.line(`name     ${address.name.name}  ${nameText(address.name, engine.at, 'en')}`);
      console.record({ event: 'name', ...nameRecord(address.name) });
    }
    knownName = name ?? '';
    const nowHolds = new Map(holds.map((hold) => [hold.name, hold]));
    const tellHold = (hold: HoldView, state: 'held' | 'released'): void => {
      const { name, from, label } = hold;
      console.line(state === 'held' ? holdText(hold) : `released ${label}`);
      console.record({ event: 'hold', name, from, label, state });
    };
    if (knownHolds !== undefined) {
      for (const hold of holds) if (!knownHolds.has(hold.name)) tellHold(hold, 'held');
      for (const hold of knownHolds.values()) if (!nowHolds.has(hold.name)) tellHold(hold, 'released');
    }
    knownHolds = nowHolds;
    known = now;
    wasPaused = settings.paused;
  });
}
