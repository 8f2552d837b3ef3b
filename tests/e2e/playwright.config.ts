import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig } from '@playwright/test';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launchOptions } from '../chromium.ts';

const authentication = `${dirname(fileURLToPath(import.meta.resolve('@grafana/plugin-e2e')))}/auth`;

/**
 * The tests in a real Grafana that has the plugin: GRAFANA_URL, with GRAFANA_USER and GRAFANA_PASSWORD (admin), and a
 * Pyroscope v2 cluster that it reaches at METASTORE_ADDRESS and QUERY_BACKEND_ADDRESS (`docker compose up` has all).
 */
export default defineConfig<PluginOptions>({
  testDir: '.',
  outputDir: '../test-results/e2e',
  reporter: [['list']],
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 1,
  use: {
    baseURL: process.env.GRAFANA_URL ?? 'http://localhost:3000',
    launchOptions,
    viewport: { width: 1440, height: 900 },
    actionTimeout: 30_000,
    // A trace takes three times the time: `npm run e2e -- --trace retain-on-failure`.
    trace: 'off',
    grafanaAPICredentials: {
      user: process.env.GRAFANA_USER ?? 'admin',
      password: process.env.GRAFANA_PASSWORD ?? 'admin',
    },
    user: {
      user: process.env.GRAFANA_USER ?? 'admin',
      password: process.env.GRAFANA_PASSWORD ?? 'admin',
    },
  },
  projects: [
    { name: 'authentication', testDir: authentication, testMatch: [/.*\.js/] },
    {
      name: 'grafana',
      testMatch: /.*\.spec\.ts/,
      dependencies: ['authentication'],
      use: { storageState: 'playwright/.auth/admin.json' },
    },
  ],
});
