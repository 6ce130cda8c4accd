import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const LANGUAGES = ['en', 'de'];
/** Modules of texts. */
const WORDS = /words(?:\/[\w-]+)?\.ts$/;
const OF_LANGUAGE = /\?texts=(\w+)$/;

interface Found {
  readonly name: string;
  /** Where the whole stands, and each language's part. */
  readonly at: readonly [from: number, to: number];
  readonly parts: Readonly<Record<string, readonly [from: number, to: number]>>;
}

/**
 * Texts of each language in files of their own. `const words = { en: …, de: … }` at the top of a module, which holds the
 * texts of both, becomes a call of `divided` in renderer/state/texts; `module.ts?texts=de` is the same module with the
 * German ones alone, of which the build keeps only what they need.
 */
export function divideTexts(): Plugin {
  /** Where `divided` is. */
  let texts = '';
  return {
    name: 'divide-texts',
    enforce: 'post',
    configResolved({ root }) {
      texts = resolve(root, 'state/texts.ts');
    },
    async load(id) {
      return OF_LANGUAGE.test(id) ? await readFile(id.replace(OF_LANGUAGE, ''), 'utf8') : null;
    },
    transform(code, id) {
      const file = id.replace(OF_LANGUAGE, '');
      if (!WORDS.test(file)) return null;
      const tree = this.parse(code);
      const found = catalogues(tree);
      if (found.length === 0) return null;
      const language = OF_LANGUAGE.exec(id)?.[1];
      let text = code;
      for (const { name, at, parts } of found.toReversed()) {
        const part = language === undefined ? undefined : parts[language];
        text =
          text.slice(0, at[0]) + (part === undefined ? loaded(file, name) : code.slice(...part)) + text.slice(at[1]);
      }
      text = withoutUnused(text, tree);
      return language === undefined
        ? `import { divided as $divided } from ${JSON.stringify(texts)};\n${text}`
        : `${text}\nexport { ${found.map(({ name }) => `${name} as $${name}`).join(', ')} };`;
    },
  };
}

/** Only the English texts, for what has no others to show. */
export function onlyEnglish(): Plugin {
  return {
    name: 'only-english',
    enforce: 'post',
    transform(code, id) {
      if (!WORDS.test(id)) return null;
      const tree = this.parse(code);
      let text = code;
      for (const { at, parts } of catalogues(tree).toReversed())
        text = `${text.slice(0, at[0])}{ en: ${code.slice(...(parts['en'] ?? at))} }${text.slice(at[1])}`;
      return text === code ? null : withoutUnused(text, tree);
    },
  };
}

function loaded(file: string, name: string): string {
  const loads = LANGUAGES.map(
    (each) => `${each}: async () => (await import(${JSON.stringify(`${file}?texts=${each}`)})).$${name}`,
  );
  return `$divided({ ${loads.join(', ')} })`;
}

/** Imports that only the other language needs would be put where both find them. */
function withoutUnused(code: string, { body }: Tree): string {
  const imports = body.filter((statement) => statement.type === 'ImportDeclaration' && statement.specifiers.length > 0);
  const last = imports.at(-1)?.end ?? 0;
  const rest = code.slice(last);
  const kept = imports.filter(
    (each) =>
      each.type === 'ImportDeclaration' &&
      each.specifiers.some(({ local }) => new RegExp(`(?<![\\w$.])${local.name}(?![\\w$])`).test(rest)),
  );
  return `${kept.map(({ start, end }) => code.slice(start, end)).join('\n')}\n${rest}`;
}

type Tree = ReturnType<Rolldown.PluginContext['parse']>;

/** Those that hold more than a few words. */
function catalogues({ body }: Tree): readonly Found[] {
  return body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') return [];
    return declaration.declarations.flatMap(({ id, init }) => {
      if (id.type !== 'Identifier' || init?.type !== 'ObjectExpression') return [];
      const parts = init.properties.flatMap((property) =>
        property.type === 'Property' && property.key.type === 'Identifier'
          ? [[property.key.name, property.value] as const]
          : [],
      );
      const isCatalogue = parts.map(([name]) => name).join() === LANGUAGES.join();
      if (!isCatalogue || parts.every(([, { type }]) => type === 'Literal')) return [];
      const at = [init.start, init.end] as const;
      return [
        { name: id.name, at, parts: Object.fromEntries(parts.map(([name, { start, end }]) => [name, [start, end]])) },
      ];
    });
  });
}
