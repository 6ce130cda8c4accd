import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What comes in its own time is waited for; only a hang takes longer. */
const expect = { poll: { timeout: 60_000 } };

const LONG =
  /(?:loop\/(?:quirks|holding-for-days|conflicts)|for-a-month|simulation\/simulation|cli\/(?:look|name|profile|serving\/together|storage|trouble)|packaging\/packages|window\/(?:forwards|presets|activity))[\w-]*\.test\.ts$/;

/** The order is otherwise that of size, and one of the long ones would be waited for alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's own
    const sorted = await super.sort(files);
    return [true, false].flatMap((isLong) => sorted.filter(({ moduleId }) => LONG.test(moduleId) === isLong));
  }
}

/** The packaged app, where there is one: `npm run test:electron`. */
const electron = {
  test: {
    name: 'electron',
    include: [process.platform === 'linux' ? 'test/electron/**/*.test.ts' : 'test/electron/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect,
    // As with the peers.
    retry: 1,
    // One desktop at a time.
    fileParallelism: false,
  },
};

export default defineConfig({
  test: {
    // By default a machine of two cores would use one. One more than there are: some wait for a browser or a process.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{peers,window,packaging,electron,desktop}/**', 'node_modules/**'],
          globalSetup: 'test/support/built-cli.ts',
          // Nothing but a hang takes longer, even where this lane gets a twentieth of a processor.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect,
          // Half of the time: the engine is loaded once, not by each file. What is tested here keeps nothing in modules.
          isolate: false,
        },
      },
      {
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect,
          // It imports electron, and must get the double.
          server: { deps: { inline: ['electron-store'] } },
        },
      },
      {
        test: {
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          globalSetup: ['test/support/built-cli.ts', 'test/window/stage/built-window.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect,
          // Real programs, on real time, beside whatever else runs. `npm test` lists what passed only at the second attempt.
          retry: 1,
          // Homes share nothing but the machine, and mostly wait for their routers.
          maxWorkers: 4,
          // Vitest wants that of a project with a number of its own.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'window',
          include: ['test/window/**/*.test.ts'],
          globalSetup: ['test/window/stage/built-window.ts', 'test/window/stage/browser.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          isolate: false,
          expect,
          // As with the peers: a browser has a time of its own, too.
          retry: 1,
        },
      },
      ...(process.env['PORTKEEPER_APP'] === undefined ? [] : [electron]),
    ],
  },
});
