import { css } from '@emotion/css';
import { ThemeContext } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles, InlineField, PortalContainer, Select, Tab, TabsBar } from '@grafana/ui';
import { useState } from 'react';

import { language } from '../host/bootData';
import { type Services } from '../host/services';

import { ExplorePage } from './ExplorePage';
import { SettingsPage } from './SettingsPage';

const pages = { settings: 'Settings', explore: 'Explore' };
type PageName = keyof typeof pages;

/** The whole page: a data source, and either its settings or its queries. */
export function Page({ services }: { services: Services }) {
  const { dataSources } = services;
  const [uid, setUID] = useState(() => parameter('ds') ?? dataSources.settings()[0]?.uid ?? '');
  const [page, setPage] = useState<PageName>(() => (parameter('page') === 'settings' ? 'settings' : 'explore'));
  // Saved settings make another instance of the data source.
  const [saves, setSaves] = useState(0);
  const settings = dataSources.settings().find((one) => one.uid === uid);
  const key = `${uid} ${saves}`;

  return (
    <ThemeContext.Provider value={config.theme2}>
      <GlobalStyles />
      <div className={styles.page}>
        <header className={styles.header}>
          <h1 className={styles.title}>Pyrofront workbench</h1>
          <InlineField label="Data source" htmlFor="workbench-data-source">
            <Select
              inputId="workbench-data-source"
              options={dataSources.settings().map((one) => ({ value: one.uid, label: one.name }))}
              value={uid}
              onChange={(option) => setUID(option.value ?? uid)}
              width={36}
            />
          </InlineField>
          <InlineField label="Language" htmlFor="workbench-language">
            <Select
              inputId="workbench-language"
              options={services.languages.map((code) => ({ value: code, label: code }))}
              value={language}
              onChange={({ value }) => reloadWith('language', value)}
              width={12}
            />
          </InlineField>
        </header>
        <TabsBar>
          {(Object.keys(pages) as PageName[]).map((name) => (
            <Tab key={name} label={pages[name]} active={name === page} onChangeTab={() => setPage(name)} />
          ))}
        </TabsBar>
        <main className={styles.main}>
          {!settings && <p>There is no data source “{uid}”.</p>}
          {settings && page === 'settings' && (
            <SettingsPage key={uid} services={services} saved={settings} onSaved={() => setSaves(saves + 1)} />
          )}
          {settings && page === 'explore' && <ExplorePage key={key} services={services} uid={uid} />}
        </main>
      </div>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

/** As Grafana: another language is there after the page was loaded anew. */
function reloadWith(name: string, value: string | undefined) {
  const address = new URL(window.location.href);
  address.searchParams.set(name, value ?? '');
  window.location.assign(address);
}

function parameter(name: string): string | null {
  return new URLSearchParams(window.location.search).get(name);
}

const { colors, spacing } = config.theme2;
const styles = {
  page: css({ minHeight: '100vh', background: colors.background.canvas, padding: spacing(2) }),
  header: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between' }),
  title: css({ fontSize: config.theme2.typography.h4.fontSize, margin: 0 }),
  main: css({ paddingTop: spacing(2) }),
};
