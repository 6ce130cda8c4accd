import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Workplace, type DemoRouter, type Outcome } from '../support/portkeeper-process.ts';

/** For the tests of one file: a router for all of them, and a place for each. */
export function atOneRouter(): { readonly place: Workplace; readonly router: DemoRouter } {
  let all: Workplace;
  let router: DemoRouter;
  let place: Workplace;
  beforeAll(async () => {
    all = await Workplace.create();
    router = await all.demoRouter();
  });
  afterAll(() => all.close());
  beforeEach(async () => {
    place = await Workplace.create();
  });
  afterEach(() => place.close());
  return {
    get place() {
      return place;
    },
    get router() {
      return router;
    },
  };
}

export const codeOf = ({ code }: Outcome): number | null => code;
