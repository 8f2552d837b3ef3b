import { defineConfig } from '@playwright/test';

import { launchOptions } from './chromium.ts';

/** The tests through the workbench: the built plugin, the real backend, an embedded Pyroscope stack. */
export default defineConfig({
  testDir: './workbench',
  outputDir: './test-results/workbench',
  reporter: [['list']],
  // Slow machines: the tests wait for what they look for, never for a time.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  // One data source's settings are changed by some of the tests.
  workers: 1,
  retries: 1, // a browser on a busy machine
  use: {
    browserName: 'chromium',
    baseURL: process.env.WORKBENCH_URL,
    launchOptions,
    actionTimeout: 20_000,
    viewport: { width: 1440, height: 900 },
    trace: 'on-first-retry',
  },
  webServer: process.env.WORKBENCH_URL
    ? undefined
    : {
        command: 'go tool mage demo -self=0s -serve -port=0',
        cwd: '..',
        // The demo says where it serves; the name makes that $WORKBENCH_URL.
        wait: { stdout: /at (?<WORKBENCH_URL>http:\/\/[\d.:]+) until/ },
        timeout: 900_000,
        gracefulShutdown: { signal: 'SIGINT', timeout: 10_000 },
      },
});
