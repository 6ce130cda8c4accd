/** Builds the window once for all tests that look at it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildWindow } from './build-window.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the built window. */
    readonly window: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-built-window-'));
  await buildWindow(folder);
  project.provide('window', folder);
  return () => rm(folder, { recursive: true, force: true });
}
