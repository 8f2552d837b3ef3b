import base from './jest.config.mjs';

/** The component tests with the parts of Grafana 13.2 and React 19, which are the workbench's: `npm run test:grafana13`. */
export default {
  ...base,
  resolver: '<rootDir>/jest.grafana13.resolver.cjs',
  // A version of @grafana/scenes belongs to one of @grafana/schema: the one that is installed is for 12.4.
  testPathIgnorePatterns: ['/node_modules/', 'interpolate\\.scenes'],
};
