/** How the router's HTTP, XML and SOAP differ from what they should be. */
import { describe, expect, it } from 'vitest';
import { inSeconds, inMinutes, millis } from '../../main/contract/units.ts';
import {
  type PersonalityName,
  personality,
  personalityNames,
} from '../../main/simulator/personalities/personalities.ts';
import { CONNECTION, OUTSIDE, ROUTER, readAnswer, scene } from './router-talk.ts';

describe('requests', () => {
  it('may come in pieces, byte by byte', async () => {
    const { talk } = await scene();
    const pieces = talk.soapRequest('GetExternalIPAddress').match(/[^]{1,40}/g) ?? [];
    expect(
      readAnswer(await talk.raw(pieces.slice(0, 14).concat(pieces.slice(14).join('')))).value('NewExternalIPAddress'),
    ).toBe(OUTSIDE);
  });

  it('must come in one piece for a router that reads one packet (X19)', async () => {
    const { talk } = await scene('one-packet-parser');
    const request = talk.soapRequest('GetExternalIPAddress');
    const body = request.indexOf('<?xml');
    expect(await talk.raw([request.slice(0, body), request.slice(body)])).toBe('');
    expect(readAnswer(await talk.raw([request])).value('NewExternalIPAddress')).toBe(OUTSIDE);
  });

  it('need HTTP/1.0 here and HTTP/1.1 there (X22)', async () => {
    const old = await scene('http10-only');
    const request = old.talk.soapRequest('GetExternalIPAddress');
    expect(await old.talk.raw([request])).toBe('');
    expect(await old.talk.raw([request.replace('HTTP/1.1', 'HTTP/1.0')])).toMatch(/^HTTP\/1\.0 200 OK/);
    const recent = await scene('http11-only');
    const other = recent.talk.soapRequest('GetExternalIPAddress');
    expect(await recent.talk.raw([other.replace('HTTP/1.1', 'HTTP/1.0')])).toBe('');
    expect(await recent.talk.raw([other])).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('need M-POST (X28)', async () => {
    const { talk } = await scene('m-post-only');
    const post = talk.soapRequest('GetExternalIPAddress');
    expect(await talk.raw([post])).toMatch(/^HTTP\/1\.1 405 [^]*Allow: M-POST/);
    const extended = post
      .replace('POST', 'M-POST')
      .replace('SOAPAction:', 'MAN: "http://schemas.xmlsoap.org/soap/envelope/"; ns=01\r\n01-SOAPAction:');
    expect(readAnswer(await talk.raw([extended])).value('NewExternalIPAddress')).toBe(OUTSIDE);
  });

  it('need quotes around the action (X16) or a port in Host (X17)', async () => {
    const quoting = await scene('quoted-action-only');
    const request = quoting.talk.soapRequest('GetExternalIPAddress');
    const bare = request.replace(/SOAPAction: "(.*)"/, 'SOAPAction: $1');
    expect(await quoting.talk.raw([bare])).toMatch(/^HTTP\/1\.1 400 /);
    expect(await quoting.talk.raw([request])).toMatch(/^HTTP\/1\.1 200 /);
    const naming = await scene('host-needs-port');
    const get = 'GET /rootDesc.xml HTTP/1.1\r\nHost: 192.168.1.1\r\n\r\n';
    expect(await naming.talk.raw([get])).toMatch(/^HTTP\/1\.1 404 /);
    expect(await naming.talk.get('/rootDesc.xml')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ['noise', 'BOGUS\r\n\r\n', 400],
    ['another method', 'BREW /rootDesc.xml HTTP/1.1\r\n\r\n', 501],
    ['a length that is none', 'POST /ctl/WANIPCn HTTP/1.1\r\nContent-Length: -4\r\n\r\n', 400],
    ['too long a body', 'POST /ctl/WANIPCn HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n', 400],
    ['chunks (X21)', 'POST /ctl/WANIPCn HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['no action', 'POST /ctl/WANIPCn HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['no such control URL', 'POST /elsewhere HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 404],
    ['bare line feeds', 'GET /rootDesc.xml HTTP/1.1\nHost: 192.168.1.1\n\n', 200],
  ])('%s: HTTP %#', async (_what, request, status) => {
    const { talk } = await scene();
    expect(readAnswer(await talk.raw([request])).status).toBe(status);
  });

  it('that never end are given up', async () => {
    const { talk, world } = await scene();
    const started = world.now;
    expect(await talk.raw(['POST /ctl/WANIPCn HTTP/1.1\r\nContent-Le'])).toBe('');
    expect(world.now - started).toBeLessThan(inMinutes(1));
  });

  it('name the service that the URL belongs to', async () => {
    const { talk } = await scene();
    talk.service = 'urn:schemas-upnp-org:service:Layer3Forwarding:1';
    expect((await talk.soap('GetExternalIPAddress')).code).toBe(401);
    talk.service = CONNECTION.replace(':2', ':1');
    expect((await talk.soap('GetExternalIPAddress')).status).toBe(200);
  });
});

describe('answers', () => {
  it('in chunks (X23), but not to HTTP/1.0', async () => {
    const { talk } = await scene('chunked');
    const text = await talk.get('/rootDesc.xml');
    expect(text).toContain('Transfer-Encoding: chunked\r\n');
    expect(text).toMatch(/\r\n\r\n2bc\r\n[^]*\r\n0\r\n\r\n$/);
    expect(text).not.toContain('Content-Length');
    expect(await talk.raw(['GET /rootDesc.xml HTTP/1.0\r\n\r\n'])).not.toContain('chunked');
  });

  it('without length, until the connection closes (X23)', async () => {
    const { talk } = await scene('until-close');
    const text = await talk.get('/rootDesc.xml');
    expect(text).not.toMatch(/Content-Length|Transfer-Encoding/);
    expect(text).toMatch(/<\/root>$/);
  });

  it('with bare line feeds (X24)', async () => {
    const { talk } = await scene('bare-lf');
    const head = (await talk.get('/rootDesc.xml')).split('\n\n', 1)[0];
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\nContent-Type/);
    expect(head).not.toContain('\r');
  });

  it.each<[PersonalityName, RegExp]>([
    ['junk-before-xml', /\r\n\r\n\uFEFF?\r\n\r\n<\?xml/],
    ['junk-after-xml', /<\/root>\r\n\0\0\0 garbage$/],
    ['not-well-formed', /Plug & Pray/],
    ['urlbase-wrong', /<URLBase>http:\/\/192\.168\.1\.254:49152\/<\/URLBase>/],
    ['absolute-control-url', /<controlURL>http:\/\/192\.168\.1\.1:\d+\/ctl\/WANIPCn</],
    ['query-control-url', /<controlURL>\/control\?WANIPCn</],
    ['ppp-service', /WANPPPConnection:1/],
  ])('%s', async (name, shape) => {
    const { talk } = await scene(name);
    expect(await talk.get('/rootDesc.xml')).toMatch(shape);
  });

  it('come from the control URL with a query (X15)', async () => {
    const { talk } = await scene('query-control-url');
    talk.control = '/control?WANIPCn';
    expect((await talk.add()).status).toBe(200);
    talk.control = '/control';
    expect((await talk.add()).status).toBe(404);
  });

  it('carry a fault in a 200 (X26)', async () => {
    const { talk } = await scene('fault-in-200');
    const answer = await talk.specific(9999);
    expect([answer.status, answer.code]).toEqual([200, 714]);
  });

  it('to adds and deletes are empty (X27)', async () => {
    const { talk, router } = await scene('empty-body-200');
    expect(await talk.add()).toMatchObject({ status: 200, body: '' });
    expect(router.table()).toHaveLength(1);
    expect((await talk.soap('GetExternalIPAddress')).value('NewExternalIPAddress')).toBe(OUTSIDE);
  });

  it('have blanks around their values (X4)', async () => {
    const { talk } = await scene('padded-values');
    expect((await talk.soap('GetExternalIPAddress')).value('NewExternalIPAddress')).toMatch(/^\s+11\.22\.33\.44\s+$/);
  });

  it('take their time (X35)', async () => {
    const { talk, world } = await scene('slow');
    const before = world.now;
    await talk.add();
    expect(world.now - before).toBeGreaterThanOrEqual(inSeconds(5));
  });

  it('are sometimes missing (X34)', async () => {
    const { talk } = await scene(personality({ http: { hangsUpEvery: 3 } }));
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) statuses.push((await talk.soap('GetStatusInfo')).status);
    expect(statuses).toEqual([200, 200, 0, 200, 200, 0]);
  });
});

describe('several requests at once', () => {
  const both = async (name: PersonalityName) => {
    const played = await scene(personality(name, { http: { latency: millis(40) } }));
    const { talk, world, home } = played;
    const port = talk.httpPort;
    const signal = new AbortController().signal;
    const ask = async (): Promise<string> => {
      const connection = await home.client.system.tcp.connect({ address: ROUTER, port }, {}, signal);
      await connection.write(new TextEncoder().encode(talk.soapRequest('GetExternalIPAddress')));
      let text = '';
      for (let bytes = await connection.read(signal); bytes !== undefined; bytes = await connection.read(signal)) {
        text += new TextDecoder().decode(bytes);
      }
      connection.close();
      return text;
    };
    const answers = await world.finish(Promise.allSettled([ask(), ask()]));
    const answered = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.includes(OUTSIDE)).length;
    return { ...played, answered };
  };

  it('are served by most, and counted', async () => {
    const { answered, router } = await both('miniupnpd');
    expect(answered).toBe(2);
    expect(router.counters.maxInFlight).toBe(2);
    expect(router.counters.of('GetExternalIPAddress')).toBe(2);
    router.counters.reset();
    expect([router.counters.total, router.counters.maxInFlight]).toEqual([0, 0]);
  });

  it('make one router drop the second', async () => {
    const { answered } = await both('hangs-up-on-parallel');
    expect(answered).toBe(1);
  });

  it('make another crash and come back (X32)', async () => {
    const { answered, router, world, talk } = await both('crashes-on-parallel');
    expect(answered).toBe(0);
    expect(router.location).toBe('');
    await world.run(inSeconds(30));
    expect((await talk.add()).status).toBe(200);
  });
});

describe('personalities', () => {
  it.each(personalityNames)('%s starts, says something or nothing, and stops', async (name) => {
    const { talk, router, world } = await scene(name);
    const text = router.location === '' ? '' : await talk.get('/rootDesc.xml');
    expect(text).toMatch(/^(?:HTTP\/1\.1 |$)/);
    await world.run(inMinutes(1));
    await world.finish(router.stop());
    await world.settle();
    expect(world.pending().filter(({ what }) => what.startsWith('router'))).toEqual([]);
  });

  it('combine, the later ones winning', async () => {
    const played = personality('openwrt-secure', 'chunked', 'miniupnpd-igd1', { mapping: { forbiddenCode: 501 } });
    const { talk } = await scene(played);
    expect(await talk.get('/rootDesc.xml')).toMatch(/chunked[^]*InternetGatewayDevice:1/);
    expect(await talk.raw([talk.soapRequest('AddAnyPortMapping')])).toContain('401');
    expect((await talk.add({ NewExternalPort: 80 })).code).toBe(501);
  });
});
