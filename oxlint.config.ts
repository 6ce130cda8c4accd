import { defineConfig } from 'oxlint';

/** Node's own modules, also those below another such as `node:fs/promises`. */
const NODE = ['node:*', 'node:*/*'];

interface Layer {
  /** Folders of the same table, by their last name. */
  readonly folders: readonly string[];
  readonly packages?: readonly string[];
  /** Files of the folder that may import more than its others. */
  readonly but?: Readonly<Record<string, readonly string[]>>;
}

/** Who may import whom; whatever is not named is refused. The project references of each tsconfig.json say the same. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'main/contract': { folders: [], packages: ['valibot', 'ipaddr.js'] },
  'main/core': { folders: ['contract'] },
  'main/wire': { folders: ['contract'], but: { 'xml.ts': ['fast-xml-parser'] } },
  'main/system': { folders: ['contract'] },
  'main/system/node': { folders: ['contract', 'system'], packages: [...NODE, 'dbus-native', 'dbus-native/**'] },
  'main/gateways': { folders: ['contract', 'wire', 'system'] },
  'main/probe': { folders: ['contract', 'wire', 'system'], but: { 'proof.ts': ['node:crypto'] } },
  'main/diagnose': { folders: ['contract', 'core', 'gateways', 'system'] },
  'main/engine': {
    folders: ['contract', 'core', 'diagnose', 'gateways', 'probe', 'system'],
    packages: ['valibot', 'csv-parse/sync'],
  },
  'main/simulator': { folders: ['contract', 'system'] },
  'main/simulator/on-loopback': { folders: ['contract', 'system', 'simulator'], packages: NODE },
  'main/connect': { folders: ['contract', 'system', 'node', 'gateways', 'engine'], packages: NODE },
  'main/cli': {
    folders: [
      'contract',
      'core',
      'wire',
      'system',
      'node',
      'gateways',
      'probe',
      'engine',
      'simulator',
      'on-loopback',
      'connect',
    ],
    packages: [...NODE, 'commander', 'valibot'],
  },
  'main/desktop': {
    folders: ['contract', 'core', 'system', 'node', 'gateways', 'engine', 'simulator', 'on-loopback', 'connect'],
    packages: [...NODE, 'valibot', 'auto-launch'],
    // Only these know Electron: decisions, such as what the tray's menu shows, are made in modules without it.
    but: {
      '{**/,}{actions,desktop,desktop-host,dialogs,electron-documents,index,ipc,notifications,page-scheme,power,tray,window,window-guard,window-trouble}.ts':
        ['electron', 'electron-store', 'electron-updater'],
    },
  },
  'main/dev': {
    folders: ['node', 'on-loopback'],
    packages: [...NODE, 'playwright-core', '@resvg/resvg-js', 'vite', 'vitest/node'],
  },
  preload: { folders: ['contract'], packages: ['electron'] },
  renderer: { folders: ['contract'], packages: ['preact', 'preact/hooks', 'uqr'] },
};

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('/') + 1);

function only(folder: string, { folders, packages = [] }: Layer) {
  const refused = Object.keys(LAYERS)
    .map(nameOf)
    .filter((name) => name !== nameOf(folder) && !folders.includes(name));
  const group = [
    '*',
    '!./**',
    '!../**',
    ...packages.map((name) => `!${name}`),
    ...refused.map((name) => `**/${name}/**`),
  ];
  const message = `${folder} may not import this: see LAYERS in oxlint.config.ts.`;
  return { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] } as const;
}

/** Time, randomness and the outside world come into these through the interfaces of main/system. */
const PURE = ['contract', 'core', 'wire', 'gateways', 'probe', 'diagnose', 'engine', 'simulator'].map(
  (name) => `main/${name}/**/*.ts`,
);
const OUTSIDE_WORLD = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'fetch', 'process'];
const FROM_SYSTEM = 'Time, randomness and the outside world come in through main/system/system.ts.';

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'import/no-duplicates': ['error', { preferInline: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/consistent-type-imports': 'error',
    'import/no-default-export': 'off',
    'no-await-in-loop': 'off',
    'import/no-unassigned-import': 'off',
    'no-underscore-dangle': 'off',
    'no-shadow': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-return': 'off',
    'no-control-regex': 'off',
    eqeqeq: 'error',
    'no-console': 'error',
    'oxc/no-map-spread': 'off',
    'import/no-named-as-default-member': 'off',
  },
  ignorePatterns: ['out', 'dist', 'node_modules', 'coverage'],
  overrides: [
    ...Object.entries(LAYERS).flatMap(([folder, layer]) => [
      { files: [`${folder}/**`], rules: only(folder, layer) },
      ...Object.entries(layer.but ?? {}).map(([files, more]) => ({
        files: [`${folder}/${files}`],
        rules: only(folder, { ...layer, packages: [...(layer.packages ?? []), ...more] }),
      })),
    ]),
    {
      files: PURE,
      excludeFiles: ['main/simulator/on-loopback/**'],
      rules: {
        'no-restricted-globals': ['error', ...OUTSIDE_WORLD.map((name) => ({ name, message: FROM_SYSTEM }))],
        'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: FROM_SYSTEM }],
      },
    },
    {
      files: ['renderer/**/*.ts', 'renderer/**/*.tsx'],
      plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'react', 'jsx-a11y'],
      rules: {
        'react/react-in-jsx-scope': 'off',
        'react/no-unknown-property': 'off',
        'react/rules-of-hooks': 'error',
        'react/exhaustive-deps': 'error',
      },
    },
    {
      files: ['main/dev/**', 'test/**', '*.config.ts', 'main/cli/index.ts', 'main/cli/console*.ts'],
      rules: { 'no-console': 'off' },
    },
  ],
});
