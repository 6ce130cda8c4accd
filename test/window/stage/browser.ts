/** The Chromium that the application ships with, as Debian packages it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Without a browser's own windows around each page where that can be had: they take half of the processor's time. */
export const CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync) ?? 'chromium';

/** Browser features that contact anything but the window's server are off. */
export const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Spare processes for pages that may come are most of what a page costs.
  '--renderer-process-limit=1',
  // Names of other places that lead here, as those of an attacker may.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

/** Where the browser of a run of tests listens. */
const ADDRESS = 'PORTKEEPER_TEST_BROWSER';

/** Starts the browser for all tests that look at the window: they share nothing in it but its start. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await chromium.launchServer({ executablePath: CHROMIUM, args: ARGUMENTS });
  process.env[ADDRESS] = server.wsEndpoint();
  return () => server.close();
}

let started: Promise<Browser> | undefined;

/** One for this process; pages of different contexts know nothing of each other. */
export function browser(): Promise<Browser> {
  const { [ADDRESS]: address } = process.env;
  started ??=
    address === undefined ? chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS }) : chromium.connect(address);
  return started;
}

export async function endBrowser(): Promise<void> {
  const running = started;
  started = undefined;
  await (await running)?.close();
}
