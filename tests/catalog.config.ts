import base from './playwright.config.ts';

/** Makes the pictures of the README and of Grafana's catalog anew, from the built plugin: `npm run pictures`. */
export default { ...base, testDir: './catalog', outputDir: './test-results/catalog' };
