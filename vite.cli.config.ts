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
        // So that `main/cli/compiled-code.ts` can load it: V8 keeps what a module has compiled as it is loaded, and no more.
        format: 'cjs',
        entryFileNames: 'portkeeper.mjs',
        chunkFileNames: 'code/[name]-[hash].cjs',
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
      name: 'entry',
      generateBundle: (_options, bundle) => {
        for (const chunk of Object.values(bundle))
          if (chunk.type === 'chunk' && chunk.isEntry) chunk.code = asModule(chunk.code);
      },
    },
    // Not of the output: a bundle for a Node without `process.getBuiltinModule` takes that and goes without this.
    { name: 'quick-to-load', renderChunk: (code) => inAscii(withBuiltins(code)) },
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
 * Reading one of Node's own modules by `require` reads all that it exports, and some of that is made when it is read: Web
 * Crypto by `node:crypto`, `fetch` by `node:http`. That takes a sixth of the start.
 */
function withBuiltins(code: string): string {
  return code
    .replaceAll(/\brequire\(("node:[^"]+")\)/g, 'process.getBuiltinModule($1)')
    .replaceAll(/^(node_\w+) = (?:\w+\.)?__toESM\(\1(?:, 1)?\);$/gm, '$1 = { __proto__: $1, default: $1 };');
}

/** Read as they are, without decoding; only a raw template would not mean the same. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
