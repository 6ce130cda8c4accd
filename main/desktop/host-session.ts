/** The engine lives in this process, and others are its guests. */
import type { App } from '../engine/app.ts';
import type { Gate, Session } from './session.ts';

export interface HostParts {
  readonly app: App;
  readonly dispatch: Gate;
  /** Of `app.run`. */
  readonly ended: Promise<void>;
  /** Ends `app.run`. */
  readonly stop: () => void;
  /** Ends what serves guests, and gives the folder free. */
  readonly release: () => Promise<void>;
}

export function hostSession({ app, dispatch, ended, stop, release }: HostParts): Session {
  return {
    role: 'host',
    command: (name, input, signal) => dispatch.command(name, input, signal),
    watch: (listener) => dispatch.watch(listener),
    over: ended,
    woke: () => app.woke(),
    surround: ({ problems }) => app.showHostProblems(problems),
    leave: async (limit) => {
      await app.leave(limit);
    },
    async end() {
      stop();
      try {
        await ended;
      } finally {
        await release();
      }
    },
  };
}
