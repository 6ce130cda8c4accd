import { defineConfig } from 'electron-vite';

// The window and the preload script join here with the desktop application; the command line is built like its main process.
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
});
