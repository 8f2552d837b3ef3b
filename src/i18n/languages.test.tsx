import { type i18n } from 'i18next';
import { render, screen } from '@testing-library/react';
import React, { type ComponentType } from 'react';

import plugin from '../plugin.json';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  // The real one asks Grafana for its data sources.
  DataSourcePicker: () => null,
}));
jest.mock('amd-module', () => undefined, { virtual: true });

const { id } = plugin;

/** What Grafana has ready before it loads a plugin: the language, and the plugin's texts where it loads such. */
async function startGrafana(language: string, loaded?: object) {
  const instance = (await import('i18next')).default as i18n;
  const resources = { [language]: { grafana: { own: 'texts' } } };
  await instance.init({ lng: language, fallbackLng: 'en-US', resources, returnEmptyString: false });
  if (loaded) {
    instance.addResourceBundle(language, id, loaded);
  }
}

/** The texts as the plugin reads them after it was loaded into such a Grafana. */
async function textsIn(language: string, loaded?: object) {
  let texts: typeof import('../texts').texts | undefined;
  await jest.isolateModulesAsync(async () => {
    await startGrafana(language, loaded);
    await (
      await import('./translations')
    ).translations;
    texts = (await import('../texts')).texts;
  });
  return texts!;
}

const others = plugin.languages.filter((language) => language !== 'en-US');

it.each(others)('brings its own texts in %s to a Grafana that does not load them', async (language) => {
  expect((await textsIn(language)).editor.profileType).not.toBe('Profile type');
});

it('brings its own German to a Grafana that does not load it', async () => {
  const texts = await textsIn('de-DE');
  expect(texts.editor.profileType).toBe('Profiltyp');
  expect(texts.options.diff.timeShifts['1d']).toBe('1 Tag früher');
});

it('takes the texts that Grafana has loaded', async () => {
  const texts = await textsIn('de-DE', { loading: 'von Grafana', editor: { profileType: 'Typ' } });
  expect(texts.loading).toBe('von Grafana');
  expect(texts.editor.profileType).toBe('Typ');
  // Nothing was loaded beside it: what is not translated is English.
  expect(texts.editor.service).toBe('Service');
});

it.each(['fr-FR', 'en-US', 'pseudo'])('is English in %s', async (language) => {
  const texts = await textsIn(language);
  expect(texts.editor.profileType).toBe('Profile type');
  expect(texts.editor.withUnit('CPU time', 'ns')).toBe('CPU time (ns)');
});

it('writes numbers and lists as the language does', async () => {
  const [english, german] = [await textsIn('en-US'), await textsIn('de-DE')];
  expect(english.answer.more(65536)).toBe('Up to 65,536 nodes');
  expect(german.answer.more(65536)).toBe('Bis zu 65.536 Knoten');
  expect(english.answer.cut(12.34)).toMatch(/^12\.3 % of/);
  expect(german.answer.cut(12.34)).toMatch(/^12,3 % der/);
  expect(german.query.badPanel('Diff', 'Trend', ['Tabelle', 'Flammendiagramm'])).toContain(
    'Tabelle oder Flammendiagramm.'
  );
});

it.each(['en-US', 'de-DE'])('shows values as they are in %s, whatever is in them', async (language) => {
  const texts = await textsIn(language);
  for (const name of ['Map<int, "a">::get & \'b\'', '{{name}}', '$t(loading)', '$1 $&', '']) {
    expect(texts.answer.focus(name)).toContain(name);
    expect(texts.editor.typesFailed(name)).toContain(name);
  }
});

it.each(['en-US', 'de-DE'])('shows braces that belong to a text in %s', async (language) => {
  const { help, placeholder } = (await textsIn(language)).options.legendFormat;
  expect(help).toContain('{{pod}}');
  expect(placeholder).toBe('{{pod}}');
});

it('shows its editors in German', async () => {
  await startGrafana('de-DE');
  const { plugin: loaded } = await import('../module');
  const { clusterDataSource, query, range } = await import('../test/fixtures');
  const { QueryEditor, ConfigEditor, QueryEditorHelp } = loaded.components as Record<string, ComponentType<object>>;
  const { datasource } = clusterDataSource();
  const { instanceSettings } = datasource as unknown as { instanceSettings: object };
  const show = (Shown: ComponentType<object> | undefined, props: object) => {
    expect(Shown).toBeDefined();
    return render(React.createElement(Shown!, props));
  };
  const nothing = () => {};

  const editor = show(QueryEditor, { datasource, query, range, onChange: nothing, onRunQuery: nothing });
  expect(await screen.findByLabelText('Profiltyp')).toBeInTheDocument();
  expect(screen.getByLabelText('Abfragetyp')).toHaveValue('Flammendiagramm');
  expect(screen.getByRole('button', { name: /^Optionen/ })).toBeInTheDocument();
  expect(screen.getByRole('radio', { name: 'Builder' })).toBeInTheDocument();
  editor.unmount();

  const options = { ...instanceSettings, jsonData: {}, secureJsonFields: {}, secureJsonData: {} };
  const config = show(ConfigEditor, { options, onOptionsChange: nothing });
  expect(await screen.findByLabelText(/^Adresse des Metastores/)).toBeInTheDocument();
  expect(screen.getByText('Limits')).toBeInTheDocument();
  config.unmount();

  show(QueryEditorHelp, { datasource, query, onClickExample: nothing });
  expect(await screen.findByText('Wohin geht die CPU-Zeit?')).toBeInTheDocument();
});
