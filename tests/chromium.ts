import type { LaunchOptions } from '@playwright/test';

import { findChromium } from './ensure-chromium.mjs';

/** How both kinds of browser tests start the system's Chromium. It makes no requests of its own. */
export const launchOptions: LaunchOptions = {
  executablePath: findChromium(),
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Where tests leave what they saw, to be looked at. */
export const screenshotsFolder = process.env.SCREENSHOTS ?? new URL('screenshots', import.meta.url).pathname;
