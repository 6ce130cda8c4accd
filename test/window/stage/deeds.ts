/** The window used as a person does, by role and name, in English. */
import type { Locator, Page } from 'playwright-core';

/** Longer than a router takes that is not stuck, in milliseconds: a heartbeat a minute finds out what it did not say. */
const ROUTER = 150_000;

export async function goTo(
  page: Page,
  view: 'Forwards' | 'Presets' | 'Router' | 'Activity' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
}

/** A newcomer who adds nothing yet, once the router is found. @param router a part of its name */
export async function leaveFirstSteps(page: Page, router: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Welcome to Portkeeper' }).waitFor();
  await page.getByText(router).first().waitFor({ timeout: ROUTER });
  await page.getByRole('button', { name: 'Skip for now' }).click();
  await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
}

/** Two clicks: to the presets, and on it. */
export async function addPreset(page: Page, name: string): Promise<void> {
  await goTo(page, 'Presets');
  await page.getByRole('searchbox', { name: 'Search by name or port' }).fill(name);
  await page.getByRole('button', { name: `Add ${name}`, exact: true }).click();
  await page.getByText(`${name} added, turned off.`).waitFor();
}

export const turn = (page: Page, name: string): Locator => page.getByRole('switch', { name: `Keep ${name} open` });

const row = (page: Page, name: string): Locator =>
  page
    .getByRole('region', { name: 'Profiles' })
    .locator('.profile')
    .filter({ has: turn(page, name) });

/** Waits until it says so of all its ports. */
export async function sees(page: Page, name: string, state: 'Open' | 'Off'): Promise<void> {
  await row(page, name).getByText(state, { exact: true }).first().waitFor({ timeout: ROUTER });
}

/** Waits until one of its ports is not open. */
export async function seesTrouble(page: Page, name: string): Promise<void> {
  await row(page, name)
    .getByText(/Waiting for the router|Opening…|Trying again/)
    .first()
    .waitFor({ timeout: ROUTER });
}

/** Waits until the timeline has that sentence. */
export async function readsOfIt(page: Page, sentence: RegExp): Promise<void> {
  await goTo(page, 'Activity');
  await page.getByRole('main').getByText(sentence).first().waitFor({ timeout: ROUTER });
}
