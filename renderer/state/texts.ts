/**
 * Texts in the language in use. Modules hold those of every language together. The build of the window puts those of each
 * into a file of its own (main/dev/divide-texts.ts), with a call of {@link divided} where they stood.
 */
import type { Catalogue, Language } from '../../main/contract/words/catalogues.ts';

interface Divided {
  readonly catalogue: Partial<Record<Language, unknown>>;
  readonly load: Catalogue<() => Promise<unknown>>;
  readonly loading: Partial<Record<Language, Promise<void>>>;
}

const modules: Divided[] = [];
const wanted = new Set<Language>();

/** Empty until {@link textsIn} or {@link textsAtHand} is through. */
export function divided(load: Divided['load']): Divided['catalogue'] {
  const catalogue = {};
  modules.push({ catalogue, load, loading: {} });
  return catalogue;
}

/** Loads the texts of all modules that are there by now. @throws what the browser says where they cannot be loaded */
export async function textsIn(language: Language): Promise<void> {
  wanted.add(language);
  let filled = 0;
  // Texts have modules of their own that say parts of them.
  while (filled < modules.length) {
    const round = modules.map((module) => fill(module, language));
    filled = round.length;
    await Promise.all(round);
  }
}

/** For modules that came since: the same in every language that was asked for, since another may be on its way. */
export async function textsAtHand(): Promise<void> {
  await Promise.all([...wanted].map(textsIn));
}

async function fill({ catalogue, load, loading }: Divided, language: Language): Promise<void> {
  const take = async (): Promise<void> => {
    catalogue[language] = await load[language]();
  };
  loading[language] ??= take();
  try {
    await loading[language];
  } catch (error) {
    delete loading[language];
    throw error;
  }
}
