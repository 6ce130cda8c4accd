/** Messages of routers, written like real ones and named after their faults. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../fixtures/routers/', import.meta.url);

export function routerFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

export function routerFixtures(prefix: string): readonly (readonly [name: string, bytes: Uint8Array])[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => [name, routerFixture(name)] as const);
}
