import { initPluginTranslations, type ResourceLoader, type Resources, t } from '@grafana/i18n';

import plugin from '../plugin.json';

const absent = 'absent';

/** Written out, one by one: Grafana's validator compares a build's files with those of its source. */
const files: Record<string, () => Promise<{ default: Resources }>> = {
  'de-DE': () => import(/* webpackChunkName: "locale-de-DE" */ '../locales/de-DE/pyrofront-pyroscope-datasource.json'),
};

/**
 * Loads what Grafana has not loaded: since 12.2 it does so itself, before it loads the plugin; 12.1 does behind a flag,
 * and 12.0 does not. English is in the code.
 */
const loadMissing: ResourceLoader = async (language) => {
  const loaded = t('loading', absent) !== absent;
  const file = loaded ? undefined : await files[language]?.();
  return file?.default ?? {};
};

/** Settles when the texts are there in the language of the user. A language that cannot be loaded leaves them English. */
export const translations = initPluginTranslations(plugin.id, [loadMissing]);
