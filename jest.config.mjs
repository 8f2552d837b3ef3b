/** Packages that come as ES modules only: Jest cannot load them as they are. */
const esModules = [
  '@grafana/react-data-grid',
  '@grafana/schema',
  '@react-awesome-query-builder',
  '@react-hookz',
  '@ver0',
  '@wojtekmaj/date-utils',
  'd3',
  'd3-[a-z-]+',
  'delaunator',
  'earcut',
  'get-user-locale',
  'internmap',
  'marked',
  'memoize',
  'mimic-function',
  'ol',
  'pbf',
  'quick-lru',
  'quickselect',
  'rbush',
  'react-calendar',
  'react-colorful',
  'robust-predicates',
  'rxjs',
  'uuid',
  'uwrap',
];

export default {
  testEnvironment: 'jsdom',
  // Slow machines: the tests wait for what they look for, never for a time.
  testTimeout: 60_000,
  // Jest leaves one processor alone; machines that have two have nothing else to do.
  maxWorkers: '100%',
  roots: ['<rootDir>/src'],
  setupFilesAfterEnv: ['<rootDir>/jest.setup.ts'],
  // The bundler's variable, see src/publicPath.ts.
  globals: { __webpack_public_path__: '' },
  moduleNameMapper: {
    // As in Grafana: its own parts are for two versions of the router, and @grafana/scenes takes the later one.
    '^react-router-dom$': 'react-router-dom-v5-compat',
    '\\.(css|svg)$': '<rootDir>/src/test/emptyModule.ts',
    'react-inlinesvg': '<rootDir>/src/test/EmptyIcon.tsx',
  },
  transform: {
    '^.+\\.m?[tj]sx?$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'classic' } },
        },
      },
    ],
  },
  transformIgnorePatterns: [`node_modules/(?!.*(${esModules.join('|')})/.*)`],
};
