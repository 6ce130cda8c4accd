import { describe, expect, test } from 'vitest';
import { sentenceLines } from '../../main/cli/output/console.ts';
import {
  discoveryLines,
  durationText,
  gatewayLine,
  gatewayRecord,
  mappingLines,
  mappingRecord,
  statusLines,
  tellNotClosed,
} from '../../main/cli/output/report.ts';
import { ip } from '../../main/contract/address.ts';
import { port, seconds } from '../../main/contract/units.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { listening } from '../support/listening-console.ts';
import { codes, lease, mapping, problem, router, snapshot, statuses } from '../support/problems.ts';

describe('every problem', () => {
  test.each(codes)('%s: what happened, why and what to do', (code) => {
    const sentences = explain(problem(code));
    for (const sentence of [sentences.what, sentences.why, sentences.todo]) {
      expect(sentence).toMatch(/^[A-Z/"F\d].*[.?]$/);
      expect(sentence).not.toMatch(/undefined|null|\[object|NaN/);
    }
    expect(sentenceLines(sentences)).toHaveLength(3);
  });

  test('is three lines for people, on standard error', () => {
    const { console, out, err } = listening();
    console.problem(problem('conflict'));
    expect(out).toEqual([]);
    expect(err).toEqual([
      'Your router already forwards port 25565/TCP to 192.168.1.9 (“xbox”).',
      '    An external port can forward to one device only.',
      '    Use 25566 as the external port instead?',
    ]);
  });

  test('is one JSON line for programs, on standard output', () => {
    const { console, out, err } = listening(true);
    console.problem(problem('table-full'));
    expect(err).toEqual([]);
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      event: 'problem',
      code: 'table-full',
      severity: 'error',
      parameters: { transport: 'tcp', port: 25_565 },
      what: 'Your router has no room for port 25565/TCP.',
    });
  });
});

describe('every status of a port', () => {
  test('names a router that serves in the place of the default router', () => {
    const { gateway } = lease;
    const note = { ...problem('not-default-router'), gateway };
    expect(mappingLines(mapping(statuses.open), snapshot({ problems: [note] }))).toEqual([
      'open     25565/tcp  203.0.113.5:25565 -> 192.168.1.7:25565  PCP  on 192.168.1.66, not your default router',
    ]);
  });

  test('is said in words, or is not news', () => {
    const lines = (at: keyof typeof statuses): readonly string[] => mappingLines(mapping(statuses[at]), snapshot());
    expect(lines('off')).toEqual([]);
    expect(lines('opening')).toEqual([]);
    expect(lines('renewing')).toEqual([]);
    expect(lines('closing')).toEqual([]);
    expect(lines('open')).toEqual(['open     25565/tcp  203.0.113.5:25565 -> 192.168.1.7:25565  PCP']);
    const [waiting, ...explanation] = lines('waiting');
    expect(waiting).toMatch(
      /^waiting {2}25565\/tcp {2}Your router couldn’t open port 25565\/TCP \(501\)\. It may be open until \d\d:\d\d:\d\d\.$/,
    );
    expect(explanation).toEqual([
      '    It gave no reason.',
      '    Portkeeper will try again. If it keeps happening, restart the router.',
    ]);
    expect(lines('refused')).toEqual([
      'refused  25565/tcp  Your router already forwards port 25565/TCP to 192.168.1.9 (“xbox”).',
      '    An external port can forward to one device only.',
      '    Use 25566 as the external port instead?',
    ]);
  });

  test('ports open beside each other are one line; their columns stand beneath each other', () => {
    const at = (first: number, transport: 'tcp' | 'udp') => ({
      ...mapping({ at: 'open', lease: { ...lease, external: { port: port(first) } } }),
      transport,
      external: { port: port(first) },
      internal: { client: ip('192.168.1.7'), port: port(first) },
    });
    const ports = [at(80, 'tcp'), at(2456, 'udp'), at(2457, 'udp'), at(2458, 'udp'), at(2460, 'udp')];
    expect(statusLines(ports, snapshot())).toEqual([
      'open     80/tcp         203.0.113.5:80 -> 192.168.1.7:80  PCP',
      'open     2456-2458/udp  203.0.113.5:2456-2458 -> 192.168.1.7:2456-2458  PCP',
      'open     2460/udp       203.0.113.5:2460 -> 192.168.1.7:2460  PCP',
    ]);
    expect(statusLines([mapping(statuses.refused), mapping(statuses.refused)], snapshot())).toHaveLength(4);
  });

  test('another port than the wanted one is pointed out', () => {
    const status = { at: 'open', lease: { ...lease, external: { port: port(25_570) } } } as const;
    expect(mappingLines(mapping(status), snapshot())).toEqual([
      'open     25565/tcp  203.0.113.5:25570 (instead of 25565) -> 192.168.1.7:25565  PCP',
    ]);
  });

  test('a record has the status, and its details', () => {
    const record = (at: keyof typeof statuses): unknown => mappingRecord(mapping(statuses[at]), snapshot());
    expect(record('open')).toEqual({
      event: 'mapping',
      forward: '25565/tcp',
      family: 'ipv4',
      transport: 'tcp',
      wantedPort: 25_565,
      internalPort: 25_565,
      internalClient: '192.168.1.7',
      status: 'open',
      externalPort: 25_565,
      externalAddress: '203.0.113.5',
      gateway: '192.168.1.1',
      protocol: 'pcp',
      evidence: 'answered',
      grantedAt: '2026-05-01T12:00:00.000Z',
      expiresAt: '2026-05-01T14:00:00.000Z',
    });
    expect(record('waiting')).toMatchObject({
      status: 'waiting',
      waitsFor: 'retry',
      problem: { code: 'router-failed' },
    });
    expect(record('refused')).toMatchObject({
      status: 'refused',
      problem: { code: 'conflict', todo: expect.any(String) },
    });
  });

  test('a port that may stay open says until when', () => {
    const { console, err } = listening();
    tellNotClosed(mapping(statuses.closing), 'never', console);
    tellNotClosed(mapping(statuses.closing), lease.expiresAt, console);
    expect(err[0]).toContain('It may stay open until the router restarts.');
    expect(err[1]).toMatch(/until \d\d:\d\d:\d\d\. Portkeeper will try again at its next start\.$/);
  });
});

describe('a router', () => {
  test('in one line', () => {
    expect(gatewayLine(router)).toBe('Router: FRITZ!Box 7590 (192.168.1.1), public IP 203.0.113.5, supports PCP, UPnP');
    expect(gatewayLine({ ...router, name: '192.168.1.1', externalAddress: 'none' })).toBe(
      'Router: 192.168.1.1, no public IP, supports PCP, UPnP',
    );
    expect(gatewayLine({ ...router, externalAddress: 'unknown' })).toContain('public IP unknown');
  });

  test('in full, in a terminal of 80 columns', () => {
    const lines = discoveryLines({ ...router, externalAddress: ip('11.22.33.44') });
    expect(lines).toEqual([
      'FRITZ!Box 7590 (192.168.1.1), your default router',
      '    public IP      11.22.33.44',
      '    this computer  192.168.1.7 on eth0',
      '    model          FRITZ!Box 7590 (UI)',
      '    PCP            found by asking the router in 4 ms',
      '                   PCP version 2',
      '                   192.168.1.1:5351',
      '    UPnP           found by searching the network in 61 ms',
      '                   urn:schemas-upnp-org:service:WANIPConnection:2',
      '                   http://192.168.1.1:49000/igd2upnp/control/WANIPConn1',
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('for programs', () => {
    expect(gatewayRecord({ ...router, uptime: seconds(90) })).toMatchObject({
      name: 'FRITZ!Box 7590',
      interface: 'eth0',
      localAddress: '192.168.1.7',
      uptimeSeconds: 90,
      protocols: [
        { protocol: 'pcp', foundInMs: 4 },
        { protocol: 'igd', foundInMs: 61 },
      ],
    });
  });

  test.each([
    [45, '45 s'],
    [60, '1 min'],
    [3599, '1 h'],
    [5400, '1 h 30 min'],
    [86_400, '24 h'],
    [604_800, '7 d'],
  ])('%i s are %s', (duration, text) => {
    expect(durationText(seconds(duration))).toBe(text);
  });
});

describe('the terminal', () => {
  test('is not spoken to by a router’s texts', () => {
    const { console, out, err } = listening();
    console.line(gatewayLine({ ...router, name: '\u001b[2J\rEvil\nopen     22/tcp\u202e\u009b31m' }));
    console.problem(
      problem('conflict', {
        transport: 'tcp',
        port: port(1),
        holder: ip('10.0.0.1'),
        holderName: '\u0007\u001b]0;x',
        suggestion: undefined,
      }),
    );
    for (const line of [...out, ...err]) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(out).toHaveLength(1);
  });

  test('gets tables with straight columns, which wrap between words and cut no address', () => {
    const address = '2001:db8:1234:5678:9abc:def0:1234:5678';
    const rows = [
      ['24565/tcp', `opened on ${address} as external port 25565, and renewed`],
      ['80/tcp', 'closed'],
    ];
    const wide = listening();
    wide.console.table(rows, ['PORT', 'WHAT']);
    expect(wide.out).toEqual(['PORT       WHAT', `24565/tcp  ${rows[0]?.[1]}`, '80/tcp     closed']);
    const narrow = listening(false, { columns: 50 });
    narrow.console.table(rows);
    expect(narrow.out).toEqual([
      '24565/tcp  opened on',
      `           ${address}`,
      '           as external port 25565, and renewed',
      '80/tcp     closed',
    ]);
    const narrowest = listening(false, { columns: 24 });
    narrowest.console.table([['24565/tcp', 'this computer', 'my server']]);
    expect(narrowest.out).toEqual(['24565/tcp  this computer', '    my server']);
    const unbroken = listening(false, { columns: 50 });
    unbroken.console.table([
      ['8080/tcp', `PK-8080T ${'a'.repeat(45)}`],
      ['80/tcp', 'x'],
    ]);
    expect(unbroken.out).toEqual(['8080/tcp', '    PK-8080T', `    ${'a'.repeat(45)}`, '80/tcp    x']);
    const oneLong = listening(false, { columns: 50 });
    oneLong.console.table([
      ['plex', 'Plex', '32400/tcp'],
      ['medal-of-honor-allied-assault', 'Medal of Honor', '12203/udp'],
    ]);
    expect(oneLong.out).toEqual([
      'plex  Plex            32400/tcp',
      'medal-of-honor-allied-assault  Medal of Honor',
      '                      12203/udp',
    ]);
  });

  test('gets long lines wrapped below where their text begins', () => {
    const { console, out, err } = listening(false, { columns: 40 });
    console.line('    public IP      11.22.33.44 of the router named Speedport');
    console.note('Portkeeper will try again in a minute or two.');
    expect(out).toEqual([
      '    public IP      11.22.33.44 of the',
      '                   router named',
      '                   Speedport',
    ]);
    expect(err).toEqual(['Portkeeper will try again in a minute or', 'two.']);
  });

  test('gets colours for states and failures, and no colour where the screen has none', () => {
    const paint = (style: string, text: string): string => `<${style}>${text}</>`;
    const { console, out, err } = listening(false, { paint });
    console.line('refused  80/tcp  The router refused.');
    console.line('opened by Portkeeper');
    console.table([['80/tcp']], ['PORT']);
    console.note('There is no command “opn”.', 'failure');
    console.problem(problem('table-full'));
    expect(out).toEqual([
      '<red>refused</>  80/tcp  The router refused.',
      'opened by Portkeeper',
      '<bold>PORT</>',
      '80/tcp',
    ]);
    expect(err.slice(0, 2).join('\n')).toMatch(/^<red>There is no command “opn”\.<\/>\n<red>.+<\/>$/);
    const plain = listening();
    plain.console.line('refused  80/tcp');
    expect(plain.out).toEqual(['refused  80/tcp']);
  });

  test('gets no JSON, and a program nothing else on standard output', () => {
    const people = listening();
    const program = listening(true);
    for (const { console } of [people, program]) {
      console.line('words');
      console.record({ event: 'ready' });
      console.note('wait');
    }
    expect(people).toMatchObject({ out: ['words'], err: ['wait'] });
    expect(program).toMatchObject({ out: ['{"event":"ready"}'], err: ['wait'] });
  });
});
