/** Cloudflare API 4: the zone of a name is looked up, then its records are set. https://developers.cloudflare.com/api/ */
import * as v from 'valibot';
import type { OwnAddresses } from '../../contract/snapshot.ts';
import type { WebAnswer, WebRequest } from '../../system/system.ts';
import type { NameOutcome } from './name-plan.ts';
import { garbled, readStatus, type Ask, type NameAccount } from './provider-answers.ts';

const Zones = v.object({ result: v.array(v.object({ id: v.string() })) });
const Records = v.object({ result: v.array(v.object({ id: v.string(), content: v.string() })) });
const Done = v.object({ success: v.literal(true) });
/** 6003, 6111: a token that cannot be one. */
const Refused = v.object({ errors: v.array(v.object({ code: v.number() })) });

/** Longer names have their zone among the last labels. */
const MOST_ZONES = 4;

/** A failure that ended the conversation early. */
class Ended extends Error {
  readonly outcome: NameOutcome;
  constructor(outcome: NameOutcome) {
    super('ended');
    this.outcome = outcome;
  }
}

/** @throws what `ask` throws */
export async function updateCloudflare(
  { name, secret, server }: NameAccount,
  addresses: OwnAddresses,
  ask: Ask,
): Promise<NameOutcome> {
  const talk = async <Value>(
    method: WebRequest['method'],
    path: string,
    schema: v.GenericSchema<unknown, Value>,
    body?: object,
  ): Promise<Value> => {
    const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await ask({ method, url: `${server}${path}`, headers, ...content });
    if (answer.status === 400 && isBadToken(answer)) {
      throw new Ended({ is: 'refused', why: 'credentials', detail: 'HTTP 400' });
    }
    const trouble = readStatus(answer);
    if (trouble !== undefined) throw new Ended(trouble);
    const parsed = v.safeParse(schema, jsonOf(answer.body));
    if (!parsed.success) throw new Ended(garbled(answer));
    return parsed.output;
  };
  try {
    const zone = await zoneOf(name, (candidate) => talk('GET', `zones?name=${candidate}`, Zones));
    if (zone === undefined) return { is: 'refused', why: 'no-such-name', detail: '' };
    for (const [type, content] of [
      ['A', addresses.ipv4],
      ['AAAA', addresses.ipv6],
    ] as const) {
      if (content === undefined) continue;
      const place = `zones/${zone}/dns_records`;
      const { result } = await talk('GET', `${place}?type=${type}&name=${name}`, Records);
      const [record, ...others] = result;
      // Only the person knows which of several is meant.
      if (others.length > 0) return { is: 'refused', why: 'too-many-names', detail: `${result.length} ${type}` };
      if (record === undefined) await talk('POST', place, Done, { type, name, content, ttl: 1, proxied: false });
      else if (record.content !== content)
        await talk('PATCH', `${place}/${encodeURIComponent(record.id)}`, Done, { content });
    }
    return { is: 'good' };
  } catch (error) {
    if (error instanceof Ended) return error.outcome;
    throw error;
  }
}

/** `b.example.org`, then `example.org`, for `a.b.example.org`. */
async function zoneOf(
  name: string,
  look: (candidate: string) => Promise<v.InferOutput<typeof Zones>>,
): Promise<string | undefined> {
  const labels = name.split('.');
  const longest = Math.max(0, labels.length - MOST_ZONES);
  for (let first = labels.length - 2; first >= longest; first--) {
    const { result } = await look(labels.slice(first).join('.'));
    const [zone] = result;
    if (zone !== undefined) return encodeURIComponent(zone.id);
  }
  return undefined;
}

function isBadToken({ body }: WebAnswer): boolean {
  const parsed = v.safeParse(Refused, jsonOf(body));
  return parsed.success && parsed.output.errors.some(({ code }) => code === 6003 || code === 6111);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
