import { cp } from 'node:fs/promises';
import { defineConfig } from 'vite';
import { onlyEnglish } from './main/dev/divide-texts.ts';

/**
 * The command line as a folder that needs nothing but Node 24, with the window that `portkeeper serve` shows in it: for
 * installed packages, where Electron's own Node runs it, and for machines without a desktop. After `electron-vite build`.
 *
 * It is divided by what is needed together, because every start reads what it needs: `portkeeper.mjs` begins, `start` reads
 * the command line, `engine` is what most commands work with. Each command is a file of its own.
 */
export default defineConfig({
  ssr: { noExternal: true },
  json: { stringify: true },
  build: {
    ssr: 'main/cli/index.ts',
    outDir: 'out/cli',
    target: 'node24',
    rollupOptions: {
      output: {
        format: 'es',
        entryFileNames: 'portkeeper.mjs',
        // With all that they import, as far as an earlier group does not have it.
        codeSplitting: {
          groups: [
            { name: 'manifest', test: /package\.json$/, priority: 5 },
            { name: 'folders', test: /data-folder\.ts$|compiled-code\.ts$/, priority: 4 },
            { name: 'start', test: /main\/cli\/main\.ts$/, priority: 3 },
            { name: 'presets', test: /main\/cli\/commands\/command-presets\.ts$/, priority: 2 },
            { name: 'engine', test: /main\/cli\/(?:app-session|holding)\.ts$/, priority: 1 },
          ],
        },
      },
    },
  },
  plugins: [
    onlyEnglish(),
    {
      // Not of the output: a bundle for a Node without `process.getBuiltinModule` takes that and goes without this.
      name: 'quick-to-load',
      // So that main/cli/compiled-code.ts can load it: V8 keeps of a module what was compiled as it was loaded, and no more.
      outputOptions: (output) => ({ ...output, format: 'cjs', chunkFileNames: 'code/[name]-[hash].cjs' }),
      renderChunk: withBuiltins,
      generateBundle: (_options, bundle) => {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === 'chunk') chunk.code = inAscii(chunk.isEntry ? asModule(chunk.code) : chunk.code);
        }
      },
    },
    {
      name: 'window',
      closeBundle: () => cp('out/renderer', 'out/cli/renderer', { recursive: true }),
    },
  ],
});

/** Started by its name since the first version. */
function asModule(code: string): string {
  const given =
    'const __dirname = import.meta.dirname; const require = process.getBuiltinModule("node:module").createRequire(__dirname + "/");';
  return code.replace(/^(#!.*\n)?/, `$1${given}\n`);
}

/**
 * Node's own modules when they are first needed, a tenth of the start; and without `require`, which reads all that they
 * export: some of that, such as Web Crypto and `fetch`, is made when it is read.
 */
function withBuiltins(code: string): string {
  const names = new Map<string, string>();
  const bare = code
    .replaceAll(/^let (node_\w+) = require\("(node:[^"]+)"\);\n/gm, (_, name: string, id: string) => {
      names.set(name, id);
      return '';
    })
    // A script that is compiled with kept code cannot import.
    .replaceAll(
      /\bimport\("(node:[^"]+)"\)/g,
      '((all) => Promise.resolve({ ...all, default: all }))(process.getBuiltinModule("$1"))',
    )
    .replaceAll(/^(node_\w+) = (?:\w+\.)?__toESM\(\1(?:, 1)?\);\n/gm, '')
    .replaceAll(/\b(node_\w+)(?:\.default\b)?/g, (whole, name: string) => (names.has(name) ? `(${name}())` : whole));
  const given = [...names].map(([name, id]) => `const ${name} = () => process.getBuiltinModule("${id}");\n`);
  return bare.replace(/^(#!.*\n)?/, `$1${given.join('')}`);
}

/** Read as they are, without decoding, by main/cli/compiled-code.ts; only a raw template would not mean the same. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
