import os from 'node:os';

/** Who is at work here, and where: not to be told to strangers. Empty where the system does not know. */
export function personalNames(): { readonly computer: string; readonly user: string; readonly homeFolder: string } {
  return {
    computer: known(() => os.hostname()),
    user: known(() => os.userInfo().username),
    homeFolder: known(() => os.homedir()),
  };
}

/** A user without an entry in the system's list (containers) is an error to Node. */
function known(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '';
  }
}
