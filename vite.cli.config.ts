import { cp } from 'node:fs/promises';
import { defineConfig } from 'vite';

/**
 * The command line as one file that needs nothing but Node 24, with the window that `portkeeper serve` shows beside it:
 * for installed packages, where Electron's own Node runs it, and for machines without a desktop. After `electron-vite build`.
 */
export default defineConfig({
  ssr: { noExternal: true },
  build: {
    ssr: 'main/cli/index.ts',
    outDir: 'out/cli',
    target: 'node24',
    rollupOptions: { output: { format: 'es', entryFileNames: 'portkeeper.mjs', codeSplitting: false } },
  },
  plugins: [
    {
      name: 'window',
      closeBundle: () => cp('out/renderer', 'out/cli/renderer', { recursive: true }),
    },
  ],
});
