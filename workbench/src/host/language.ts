import { initPluginTranslations } from '@grafana/i18n';
import i18next from 'i18next';

import { language } from './bootData';

/** Sets the language up as Grafana does, before anything is shown. Its own parts stay English: their texts are not on npm. */
export async function startLanguage() {
  const resources = { [language]: { grafana: {} } };
  await i18next.init({ lng: language, fallbackLng: 'en-US', resources, returnEmptyString: false });
  await initPluginTranslations('grafana');
}

/** Loads a plugin's texts before the plugin, as Grafana does since 12.2. */
export async function loadTexts(baseUrl: string, { id, languages }: { id: string; languages: string[] }) {
  if (language !== 'en-US' && languages.includes(language)) {
    const texts = await fetch(`${baseUrl}/locales/${language}/${id}.json`);
    i18next.addResourceBundle(language, id, await texts.json());
  }
}
