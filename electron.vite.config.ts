import { defineConfig } from 'electron-vite';
import { divideTexts } from './main/dev/divide-texts.ts';

// The application. The command line is built by vite.cli.config.ts.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { desktop: 'main/desktop/index.ts' },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // In the sandbox there are no packages and no modules: one file of CommonJS.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: 'preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [divideTexts()],
    build: {
      outDir: 'out/renderer',
      // The window is shown in other people's browsers, too: these know light-dark(), popovers and dialogs.
      target: 'es2023',
      cssTarget: ['chrome125', 'firefox128', 'safari17.5'],
      minify: true,
      assetsInlineLimit: 0,
      // Whoever knows the above knows how to load modules ahead.
      modulePreload: { polyfill: false },
      rollupOptions: { input: 'renderer/index.html' },
    },
  },
});
