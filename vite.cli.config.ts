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
        chunkFileNames: 'code/[name].mjs',
        // With all that they import, as far as an earlier group does not have it.
        codeSplitting: {
          groups: [
            { name: 'manifest', test: /package\.json$/, priority: 5 },
            { name: 'folders', test: /data-folder\.ts$/, priority: 4 },
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
    // Not of the output: a bundle for a Node without `process.getBuiltinModule` takes that and goes without this.
    { name: 'quick-to-load', renderChunk: (code) => inAscii(withBuiltins(code)) },
    {
      name: 'window',
      closeBundle: () => cp('out/renderer', 'out/cli/renderer', { recursive: true }),
    },
  ],
});

/**
 * An import of one of Node's own modules reads all that it exports, and some of that is made when it is read: Web Crypto by
 * `node:crypto`, `fetch` by `node:http`. That takes a sixth of the start.
 */
function withBuiltins(code: string): string {
  const form = /^import (?:([\w$]+)(?:, )?)?(?:\{([^}]*)\}|\* as ([\w$]+))? ?(?:from )?"(node:[^"]+)";$/gm;
  return code.replaceAll(
    form,
    (_, whole: string | undefined, some: string | undefined, all: string | undefined, name: string) => {
      const names = [whole, all, some && `{ ${some.replaceAll(' as ', ': ')} }`].filter((each) => each !== undefined);
      return names.map((each) => `const ${each} = process.getBuiltinModule("${name}");`).join(' ');
    },
  );
}

/** Read as they are, without decoding; only a raw template would not mean the same. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
