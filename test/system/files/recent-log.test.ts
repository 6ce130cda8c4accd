import { expect, test } from 'vitest';
import { createRecentLog } from '../../../main/system/node/files/log.ts';

test('passes everything on, and keeps the latest of what matters', () => {
  const passed: string[] = [];
  const log = createRecentLog({ write: (level, message) => passed.push(`${level} ${message}`) });
  for (let count = 0; count < 498; count += 1) log.write('info', `${count}`);
  log.write('info', 'one');
  log.write('debug', 'a detail');
  log.write('error', 'two', { port: 80 });
  log.write('warn', 'three');
  log.write('info', 'four\nand no fifth line');
  expect(passed).toHaveLength(503);
  const recent = log.recent().map((line) => line.replace(/^\S+Z /, ''));
  expect(recent).toHaveLength(500);
  expect(recent.slice(0, 2)).toEqual(['info  2', 'info  3']);
  expect(recent.slice(-4)).toEqual([
    'info  one',
    'error two port=80',
    'warn  three',
    'info  four\\u000aand no fifth line',
  ]);
});

test('a line that has no end is cut', () => {
  const log = createRecentLog({ write: () => {} });
  log.write('warn', 'x'.repeat(1_000_000));
  expect(log.recent()[0]?.length).toBe(2000);
});
