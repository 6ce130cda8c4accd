/** `portkeeper name …`: the host name that leads here, and its password. */
import { secretText } from '../../contract/words/name.ts';
import { currentSnapshot, inApp, valueOf, type AppSession } from '../app-session.ts';
import { readSecret, storedText } from '../options/secret.ts';
import { EXIT, InputFault, RefusedFault, type ExitCode } from '../output/fault.ts';
import { nameLine, nameRecord } from '../output/report.ts';
import { hint } from '../output/typed.ts';

export const showName = inApp(async (session) => {
  const { console } = session;
  const { address, engine } = await currentSnapshot(session);
  const { name } = address;
  if (name === null) throw new RefusedFault(`There is no host name. Set one up: ${hint('portkeeper name --help')}`);
  console.record(nameRecord(name));
  console.line(nameLine(name, engine.at));
  if (name.provider !== 'none') console.line(`Password: ${secretText(name, 'en')}`);
  return EXIT.ok;
});

export const updateName = inApp(async ({ client, running, interrupted, console }) => {
  if (running === undefined) {
    throw new RefusedFault(`Portkeeper is not running. Start it with: ${hint('portkeeper serve')}`);
  }
  valueOf(await client.ask('name.update', {}, interrupted));
  console.record({ event: 'updating' });
  console.line(
    `Updating now, as far as the provider’s rules allow. See the result with: ${hint('portkeeper name show')}`,
  );
  return EXIT.ok;
});

interface PasswordOptions {
  readonly remove?: boolean;
}

/** Never from the command line, which others on this computer can read, and a shell remembers. */
export const setPassword = inApp(async (session, { remove = false }: PasswordOptions): Promise<ExitCode> => {
  const { client, interrupted, console } = session;
  const secret = remove ? null : await typedSecret(session);
  const { place } = valueOf(await client.ask('secret.set', { of: 'dynamic-dns', secret }, interrupted));
  console.record({ event: remove ? 'removed' : 'stored', ...(remove ? {} : { place }) });
  if (remove) console.line('The password is removed.');
  else console.line(storedText(place));
  return EXIT.ok;
});

/** Longer than any. */
const MOST = 2000;

/** @throws InputFault, Interrupted */
async function typedSecret({ interrupted }: Pick<AppSession, 'interrupted'>): Promise<string> {
  const secret = await readSecret('Password, token or update URL: ', interrupted);
  if (secret === '') throw new InputFault('Nothing was entered, so nothing was changed. To remove it, add --remove.');
  if (secret.length > MOST || /\p{Cc}/u.test(secret)) {
    throw new InputFault('A password must be a single line of at most 2000 characters.');
  }
  return secret;
}
