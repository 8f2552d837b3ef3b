import base from './jest.config.mjs';

/** The component tests with the parts of Grafana 13.2 and React 19, which are the workbench's: `npm run test:grafana13`. */
export default { ...base, resolver: '<rootDir>/jest.grafana13.resolver.cjs' };
