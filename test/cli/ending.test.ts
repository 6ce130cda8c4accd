import { describe, expect, test } from 'vitest';
import { endingOf } from '../../main/cli/output/ending.ts';
import { BusyFault, EXIT, FileFault, InputFault, Interrupted } from '../../main/cli/output/fault.ts';
import { blockingProblems, countsOf, outcomeOf } from '../../main/cli/output/outcome.ts';
import type { MappingView } from '../../main/contract/snapshot.ts';
import { FolderLocked } from '../../main/system/node/files/folder-lock.ts';
import { NetworkError, StorageError } from '../../main/system/system.ts';
import type { StorageFault } from '../../main/contract/fault-reasons.ts';
import { codes, mapping, problem, snapshot, statuses } from '../support/problems.ts';

const ports = (...ats: readonly (keyof typeof statuses)[]): readonly MappingView[] =>
  ats.map((at, index) => mapping(statuses[at], 1000 + index));

describe('open ports decide how a command ends', () => {
  test.each([
    [[], EXIT.ok],
    [['open', 'renewing'], EXIT.ok],
    [['open', 'refused'], EXIT.partly],
    [['open', 'waiting'], EXIT.partly],
    [['open', 'closing', 'off'], EXIT.ok],
    [['refused', 'refused'], EXIT.failed],
    [['waiting'], EXIT.failed],
  ] as const)('%j: %i', (ats, code) => {
    expect(outcomeOf(snapshot({ mappings: ports(...ats) }))).toBe(code);
  });

  test('without a router, or with one that is away, nothing can be open', () => {
    const mappings = ports('waiting');
    expect(outcomeOf(snapshot({ mappings, gateways: [] }))).toBe(EXIT.noGateway);
    expect(outcomeOf(snapshot({ mappings, problems: [problem('gateway-away')] }))).toBe(EXIT.noGateway);
  });

  test('ports are counted by what people see', () => {
    const mappings = ports('open', 'renewing', 'refused', 'waiting', 'opening', 'closing', 'off');
    expect(countsOf({ mappings })).toEqual({ open: 2, refused: 1, waiting: 2 });
  });

  test('a refusal of one port, or a full disk, keeps nothing else from working', () => {
    const blocking = blockingProblems({ problems: codes.map((code) => problem(code)) }).map(({ code }) => code);
    expect(blocking.toSorted()).toEqual([
      'gateway-away',
      'local-network-denied',
      'no-gateway',
      'no-network',
      'port-control-off',
      'router-password',
      'router-url',
      'traffic-denied',
    ]);
  });
});

describe('the last words of a command that failed', () => {
  test.each([
    [new InputFault('--x: no.'), EXIT.usage, '--x: no.'],
    [new FileFault('a.csv cannot be read.'), EXIT.storage, 'a.csv cannot be read.'],
    [new BusyFault('Another one.'), EXIT.busy, 'Another one.'],
    [new Interrupted(), EXIT.interrupted, ''],
    [
      new FolderLocked('/data', 42),
      EXIT.busy,
      'Another Portkeeper is running: process 42 is using /data. Quit the other one',
    ],
    [new NetworkError('denied', 'EPERM'), EXIT.noGateway, 'Couldn’t use the network: EPERM. Check the connection'],
  ])('%s', (error, code, words) => {
    const ending = endingOf(error);
    expect(ending.code).toBe(code);
    expect(ending.text.startsWith(words)).toBe(true);
    expect(ending.text).not.toMatch(/^\s+at /m);
  });

  test.each<[StorageFault, string]>([
    ['no-space', 'The disk is full. Free up space'],
    ['no-permission', 'You don’t have permission to write there. Choose another folder with --data-dir.'],
    ['not-a-folder', 'There is a file where a folder is needed.'],
    ['unreadable', 'It is damaged. Move it away'],
    ['other', 'Check the disk'],
  ])('storage, %s', (fault, words) => {
    const { code, text } = endingOf(new StorageError(fault, '/data/x', 'EOH'));
    expect(code).toBe(EXIT.storage);
    expect(text).toContain(`Couldn’t use /data/x: EOH. ${words}`);
  });

  test('only an error of our own shows where it came from', () => {
    const { code, text } = endingOf(new TypeError('oops'));
    expect(code).toBe(EXIT.failed);
    expect(text).toMatch(/^Something went wrong in Portkeeper\. Please report this:\nTypeError: oops\n\s+at /);
    expect(endingOf('text').text).toContain('text');
  });
});
