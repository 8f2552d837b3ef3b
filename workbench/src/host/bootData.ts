const parameters = new URLSearchParams(window.location.search);
const dark = parameters.get('theme') !== 'light';

/** The language that the user has chosen in Grafana. */
export const language = parameters.get('language') ?? 'en-US';

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
    language,
    permissions: {},
  },
  navTree: [],
  assets: { dark: '', light: '' },
};

document.documentElement.lang = language;
Object.assign(window, { grafanaBootData: bootData, __grafana_public_path__: '/public/' });
