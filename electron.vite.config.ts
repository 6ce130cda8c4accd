import { defineConfig } from 'electron-vite';

// The command line is built like a main process of the desktop application.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { portkeeper: 'main/cli/index.ts' },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      // The window is shown in other people's browsers, too: these know light-dark(), popovers and dialogs.
      target: 'es2023',
      cssTarget: ['chrome125', 'firefox128', 'safari17.5'],
      minify: true,
      assetsInlineLimit: 0,
      rollupOptions: { input: 'renderer/index.html' },
    },
  },
});
