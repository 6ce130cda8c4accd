/** `portkeeper sign-in` and `sign-out`: for routers that open ports only for signed-in users. */
import { parseIp, type IpAddress } from '../../contract/address.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import { routerToSignIn } from '../../contract/problem-actions.ts';
import { createNodeClock } from '../../system/node/clock.ts';
import { currentSnapshot, inApp, valueOf } from '../app-session.ts';
import { readSecret, storedText } from '../options/secret.ts';
import { EXIT, InputFault, RefusedFault } from '../output/fault.ts';
import { hint } from '../output/typed.ts';
import { withProgress } from '../session.ts';

export const signIn = inApp(async (session, given: string | undefined, { user = '' }: { readonly user?: string }) => {
  const { client, running, interrupted, console } = session;
  if (running === undefined) {
    throw new RefusedFault(`Portkeeper is not running. Start it, then sign in: ${hint('portkeeper serve')}`);
  }
  const router = routerOf(given, await currentSnapshot(session));
  const password = await readSecret(`Password for ${router}: `, interrupted);
  if (password === '') throw new InputFault('A password is needed. Nothing was changed.');
  const answer = await withProgress({ clock: createNodeClock(), console }, `Signing in to ${router}`, () =>
    client.ask('gateway.sign-in', { router, user, password }, interrupted),
  );
  const { state, place } = valueOf(answer);
  console.record({ event: 'signed-in', router, state, place });
  console.line(
    state === 'accepted'
      ? `Signed in to ${router}.`
      : `Saved for ${router}, which has not asked for a password. It is used when the router does.`,
  );
  console.line(storedText(place));
  return EXIT.ok;
});

export const signOut = inApp(async (session, given: string | undefined) => {
  const { client, interrupted, console } = session;
  const snapshot = await currentSnapshot(session);
  const [only, ...others] = snapshot.signIns;
  const router =
    given === undefined && others.length === 0 && only !== undefined ? only.router : routerOf(given, snapshot);
  valueOf(await client.ask('gateway.sign-out', { router }, interrupted));
  console.record({ event: 'signed-out', router });
  console.line(`Signed out of ${router}. Its password is forgotten.`);
  return EXIT.ok;
});

/** The one named; else the one that asks for a password, or the default router. @throws InputFault */
function routerOf(given: string | undefined, { engine }: AppSnapshot): IpAddress {
  if (given !== undefined) {
    const address = parseIp(given);
    if (address !== undefined) return address;
    throw new InputFault(`“${given}” is not an IP address. Use the router’s address, such as 192.168.178.1.`, {
      at: { word: given },
    });
  }
  const router = routerToSignIn(engine);
  if (router !== undefined) return router;
  throw new InputFault('Which router? Name its address, such as: portkeeper sign-in 192.168.178.1');
}
