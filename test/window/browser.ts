/** The Chromium that the application ships with, as Debian packages it. */
import { chromium, type Browser } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** What would speak to anybody but the window's server is off. */
export const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names of other places that lead here, as those of an attacker may.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

let started: Promise<Browser> | undefined;

/** One for this process; pages of different contexts know nothing of each other. */
export function browser(): Promise<Browser> {
  started ??= chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  return started;
}

export async function endBrowser(): Promise<void> {
  const running = started;
  started = undefined;
  await (await running)?.close();
}
