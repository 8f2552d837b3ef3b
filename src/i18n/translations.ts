import { initPluginTranslations, type ResourceLoader, t } from '@grafana/i18n';

import plugin from '../plugin.json';

const absent = 'absent';

/**
 * Loads what Grafana has not loaded: since 12.2 it does so itself, before it loads the plugin; 12.1 does behind a flag,
 * and 12.0 does not. English is in the code.
 */
const loadMissing: ResourceLoader = async (language) => {
  const loaded = t('loading', absent) !== absent;
  if (loaded || language === 'en-US' || !plugin.languages.includes(language)) {
    return {};
  }
  const file = await import(
    /* webpackChunkName: "locale-[request]", webpackExclude: /en-US/ */
    `../locales/${language}/pyrofront-pyroscope-datasource.json`
  );
  return file.default;
};

/** Settles when the texts are there in the language of the user. A language that cannot be loaded leaves them English. */
export const translations = initPluginTranslations(plugin.id, [loadMissing]);
