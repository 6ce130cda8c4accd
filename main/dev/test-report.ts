import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** The part of a lane not to be missed among thousands of lines: names of tests, with their file. */
export interface LaneReport {
  /** Each with what went wrong. */
  readonly failed: readonly string[];
  /** Passed when they were run again, each with what went wrong before. */
  readonly flaky: readonly string[];
  readonly skipped: readonly string[];
}

/** A reporter of vitest: writes the lane's report to the file that PORTKEEPER_LANE_REPORT names. */
export default class LaneReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const report: LaneReport = {
      failed: [
        ...modules.flatMap((module) => module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`)),
        ...errors.map(({ message }) => `outside of a test: ${message}`),
        ...tests.filter((test) => test.result().state === 'failed').map(withErrors),
      ],
      flaky: tests.filter((test) => test.diagnostic()?.flaky).map(withErrors),
      skipped: tests.filter((test) => test.result().state === 'skipped').map(named),
    };
    const file = process.env['PORTKEEPER_LANE_REPORT'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

const named = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

function withErrors(test: TestCase): string {
  const errors = (test.result().errors ?? []).map(({ message, stacks }) => {
    const place = stacks?.find(({ file }) => file.includes('/test/'));
    return `    ${message.slice(0, 2000).replaceAll('\n', '\n    ')}${place ? `\n    at ${path.relative('', place.file)}:${place.line}` : ''}`;
  });
  return [named(test), ...errors].join('\n');
}
