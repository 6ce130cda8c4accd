/** Requests to dynamic DNS providers, and how often over days, whatever they answer. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { after, inHours, inMinutes, inSeconds, millis, type Millis } from '../../../main/contract/units.ts';
import { NetworkError, type WebRequest } from '../../../main/system/system.ts';
import { DAY, NameDays, SECRET, SILENCE, type Reply } from '../../support/name-home.ts';

const NEW = { ipv4: ip('11.22.33.99') };
const days = (count: number): Millis => millis(count * DAY);

describe('a name that is right', () => {
  test('is left alone for weeks, and confirmed before it is forgotten', async () => {
    const at = new NameDays('good');
    expect(await at.during(days(24))).toBe(1);
    expect(await at.during(days(7))).toBe(1);
  });

  test('is confirmed at dy.fi between the fifth and the sixth day, and at deSEC never', async () => {
    const at = new NameDays('good', { dynamicDns: 'dy-fi' });
    expect(await at.during(days(4.9))).toBe(1);
    expect(await at.during(days(1.1))).toBe(1);
    const quiet = new NameDays('good', { dynamicDns: 'desec' });
    expect(await quiet.during(days(100))).toBe(1);
  });

  test('follows an address that changes all the time, five minutes apart at the least', async () => {
    const at = new NameDays('good');
    for (let minute = 0; minute < 60; minute++) {
      at.addresses = { ipv4: ip(`11.22.34.${minute + 1}`) };
      await at.during(inMinutes(1));
    }
    expect(at.asked.length).toBeLessThanOrEqual(13);
    await at.during(inMinutes(6));
    expect(at.name?.pointsTo.ipv4).toBe('11.22.34.60');
  });
});

describe('a provider’s answer', () => {
  test.each([
    ['badauth', 'credentials'],
    ['nohost', 'no-such-name'],
    ['!yours', 'no-such-name'],
    ['notfqdn', 'bad-name'],
    ['numhost', 'too-many-names'],
    ['abuse', 'blocked'],
    ['!donator', 'not-included'],
    ['badagent', 'client'],
    ['badip 1.2.3.4', 'address'],
    [{ status: 401, body: '<html>' }, 'credentials'],
  ] as const)(
    '%j ends it for good, over restarts and new addresses, until the person changes something',
    async (reply, why) => {
      const at = new NameDays(reply);
      expect(await at.during(days(10))).toBe(1);
      expect(at.problems).toEqual([`name-refused: ${why}`]);
      at.addresses = NEW;
      at.restart();
      expect(await at.during(days(100))).toBe(0);
      at.reply = 'good';
      at.give('another');
      expect(await at.during(inMinutes(1))).toBe(1);
      expect(at.problems).toEqual([]);
    },
  );

  // The shortest pause after the first question, and the most questions of the first day and of the two after it.
  test.each([
    ['911', '911', inMinutes(30), 7, 3],
    ['dnserr', 'dnserr', inMinutes(30), 7, 3],
    ['a server error', { status: 503 }, inMinutes(30), 7, 3],
    ['a pause that it names', { status: 429, retryAfter: '7200' }, inHours(2), 6, 3],
    ['a pause without end', { status: 429, retryAfter: '99999999' }, inHours(24), 1, 2],
    ['nonsense', '<html>Hello', inMinutes(30), 7, 3],
    ['an empty answer', '', inMinutes(30), 7, 3],
    ['a redirect', { status: 302 }, inMinutes(30), 7, 3],
    ['success with a failure’s status', { status: 500, body: 'good' }, inMinutes(30), 7, 3],
    ['nothing', SILENCE, inMinutes(2), 20, 24],
    ['no connection', new NetworkError('refused', 'ECONNREFUSED'), inMinutes(1), 30, 48],
  ] as readonly (readonly [string, Reply, Millis, number, number])[])(
    'where it is %s, it is asked less and less',
    async (_, reply, pause, firstDay, nextDays) => {
      const at = new NameDays(reply);
      expect(await at.during(DAY)).toBeLessThanOrEqual(firstDay);
      expect(at.problems).toHaveLength(1);
      // Neither a restart nor another address makes it sooner.
      at.restart();
      at.addresses = NEW;
      expect(await at.during(days(2))).toBeLessThanOrEqual(nextDays);
      const [first, second] = at.asked;
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(pause);
      at.reply = 'good';
      await at.during(days(1.3));
      expect(at.problems).toEqual([]);
      expect(at.name).toMatchObject({ at: 'current', pointsTo: NEW });
    },
  );

  test('is tried again at once when the person wants it, but not all the time', async () => {
    const at = new NameDays('911');
    for (let time = 0; time < 60; time++) {
      at.keeper.tryNow();
      await at.during(inSeconds(1));
    }
    expect(at.asked.length).toBeLessThanOrEqual(5);
    at.reply = 'nochg 11.22.33.44';
    at.keeper.tryNow();
    await at.during(inSeconds(20));
    expect(at.name?.at).toBe('current');
  });

  test('does not count for longer when the clock is set back by a year', async () => {
    const at = new NameDays('911');
    await at.during(inMinutes(1));
    at.now = after(at.now, days(-365));
    at.reply = 'good';
    await at.during(inHours(1));
    expect(at.name?.at).toBe('current');
  });
});

describe('requests to each provider', () => {
  const own = 'hostname=home.example.org';
  test.each([
    ['desec', 'good', `https://update.dedyn.io/?${own}&myipv4=11.22.33.44&myipv6=preserve`],
    [
      'duckdns',
      'OK',
      `https://www.duckdns.org/update?domains=home.example.org&token=${encodeURIComponent(SECRET)}&ip=11.22.33.44`,
    ],
    ['dynu', 'good', `https://api.dynu.com/nic/update?${own}&myip=11.22.33.44`],
    ['dyn', 'good', `https://members.dyndns.org/v3/update?${own}&myip=11.22.33.44`],
    ['dy-fi', 'good', `https://www.dy.fi/nic/update?${own}`],
    ['he', 'good', `https://dyn.dns.he.net/nic/update?${own}&myip=11.22.33.44`],
    ['ovh', 'good', `https://www.ovh.com/nic/update?${own}&system=dyndns&myip=11.22.33.44`],
    ['strato', 'good', `https://dyndns.strato.com/nic/update?${own}&myip=11.22.33.44`],
  ] as const)('%s', async (dynamicDns, reply, url) => {
    const at = new NameDays(reply, { dynamicDns });
    await at.during(inMinutes(1));
    expect(at.asked.map((request) => request.url)).toEqual([url]);
    expect(at.name?.at).toBe('current');
  });

  test('a token that Duck DNS does not know ends it', async () => {
    const at = new NameDays('KO', { dynamicDns: 'duckdns' });
    expect(await at.during(days(3))).toBe(1);
    expect(at.problems).toEqual(['name-refused: credentials']);
  });

  const cloudflare =
    (records: readonly object[]) =>
    ({ method, url }: WebRequest): Reply => {
      if (method !== 'GET') return '{"success":true}';
      if (url.endsWith('/zones?name=example.org')) return '{"result":[{"id":"z1"}]}';
      return url.includes('/zones?') ? '{"result":[]}' : JSON.stringify({ result: records });
    };

  test('Cloudflare: the zone of the name, then its record, which is changed or made', async () => {
    const at = new NameDays(cloudflare([{ id: 'r1', content: '1.2.3.4' }]), { dynamicDns: 'cloudflare' });
    await at.during(inMinutes(1));
    expect(at.asked.map(({ method, url }) => `${method} ${url.slice(url.indexOf('/v4/') + 4)}`)).toEqual([
      'GET zones?name=example.org',
      'GET zones/z1/dns_records?type=A&name=home.example.org',
      'PATCH zones/z1/dns_records/r1',
    ]);
    expect(at.asked.at(-1)).toMatchObject({
      body: '{"content":"11.22.33.44"}',
      headers: { Authorization: `Bearer ${SECRET}` },
    });
    expect(at.name?.at).toBe('current');
    const made = new NameDays(cloudflare([]), { dynamicDns: 'cloudflare', dnsName: 'a.b.example.org' });
    await made.during(inMinutes(1));
    expect(made.asked.at(-1)).toMatchObject({ method: 'POST', body: expect.stringContaining('"type":"A"') });
    // Which one of several is meant only the person knows.
    const several = [1, 2].map((id) => ({ id: `r${id}`, content: '1.2.3.4' }));
    const none = new NameDays(cloudflare(several), { dynamicDns: 'cloudflare' });
    await none.during(days(1));
    expect(none.problems).toEqual(['name-refused: too-many-names']);
    expect(none.asked).toHaveLength(2);
  });

  test('a web address of the person’s own, which is secret as a whole', async () => {
    const at = new NameDays('Updated 1 host', { dynamicDns: 'url', dnsUser: null });
    at.give('https://dyn.example.net/update?key=s3cr3t-key&ip={ipv4}&host={name}');
    await at.during(inMinutes(1));
    expect(at.asked[0]?.url).toBe('https://dyn.example.net/update?key=s3cr3t-key&ip=11.22.33.44&host=home.example.org');
    expect(at.name?.at).toBe('current');
    const refused = new NameDays('ERROR: s3cr3t-key is unknown', { dynamicDns: 'url' });
    refused.give('https://dyn.example.net/s3cr3t-key');
    await refused.during(inMinutes(1));
    expect(refused.keeper.problems({})).toMatchObject([{ parameters: { detail: 'ERROR: ••• is unknown' } }]);
  });
});

describe('the secret', () => {
  test('goes to the server that it was given for, and to no other, nor over http unasked', async () => {
    const at = new NameDays('good', { dynamicDns: 'dyndns2', dnsServer: 'https://dyn.example.net/nic/update' });
    await at.during(inMinutes(1));
    expect(at.asked).toHaveLength(1);
    for (const [dnsServer, missing] of [
      ['https://evil.example.net/nic/update', 'secret'],
      ['https://dyn.example.net:8443/nic/update', 'secret'],
      ['http://dyn.example.net/nic/update', 'https'],
    ] as const) {
      at.settings = { ...at.settings, dnsServer };
      await at.during(DAY);
      expect(at.name).toMatchObject({ at: 'incomplete', missing });
    }
    at.settings = { ...at.settings, dynamicDns: 'dynu' };
    await at.during(DAY);
    expect(at.asked).toHaveLength(1);
    // A person may insist on http, and gives the password for it.
    at.settings = { ...at.settings, dynamicDns: 'dyndns2', dnsServer: 'http://dyn.example.net/', dnsOverHttp: true };
    at.give(SECRET);
    await at.during(inMinutes(1));
    expect(at.asked.at(-1)?.url).toMatch(/^http:\/\/dyn\.example\.net\//);
  });

  test('that is locked away is waited for, and no provider is asked meanwhile', async () => {
    const at = new NameDays('good');
    at.secrets.fault = 'locked';
    expect(await at.during(DAY)).toBe(0);
    expect(at.problems).toEqual(['name-not-updated: locked']);
    at.secrets.fault = undefined;
    expect(await at.during(inMinutes(15))).toBe(1);
    expect(at.problems).toEqual([]);
  });
});
