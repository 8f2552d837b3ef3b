const dark = new URLSearchParams(window.location.search).get('theme') !== 'light';

/** What Grafana writes into its page for `@grafana/runtime` to read: as much of it as a data source asks for. */
const bootData = {
  settings: {
    appUrl: `${window.location.origin}/`,
    appSubUrl: '',
    buildInfo: { version: '13.2.3', env: 'production', edition: 'Open Source' },
    featureToggles: {},
    namespace: 'default',
    defaultDatasource: '',
  },
  user: {
    isSignedIn: true,
    login: 'workbench',
    name: 'Workbench',
    orgId: 1,
    orgRole: 'Admin',
    theme: dark ? 'dark' : 'light',
    timezone: 'browser',
    weekStart: 'browser',
    regionalFormat: 'en-US',
    language: 'en-US',
    permissions: {},
  },
  navTree: [],
  assets: { dark: '', light: '' },
};

Object.assign(window, { grafanaBootData: bootData, __grafana_public_path__: '/public/' });
