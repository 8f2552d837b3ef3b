import { css } from '@emotion/css';
import { CoreApp, DataSourcePluginContextProvider, type DataQuery, type DataSourceApi } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Button, RadioButtonGroup, TimeRangePicker } from '@grafana/ui';
import { useEffect, useState } from 'react';

import { type Services } from '../host/services';
import { Result } from '../result/Result';

import { useQuery } from './useQuery';
import { initialRange, moved, widened } from './range';

const apps = [
  { value: CoreApp.Explore, label: 'Explore' },
  { value: CoreApp.PanelEditor, label: 'Panel' },
  { value: CoreApp.UnifiedAlerting, label: 'Alert rule' },
];

interface ExplorePageProps {
  services: Services;
  uid: string;
}

/** One query and its result, as the part of Grafana that is chosen would edit it. */
export function ExplorePage({ services, uid }: ExplorePageProps) {
  const [dataSource, setDataSource] = useState<DataSourceApi>();
  useEffect(() => {
    void services.dataSources.get(uid).then(setDataSource);
  }, [services, uid]);
  return dataSource ? <Explore services={services} dataSource={dataSource} /> : null;
}

function Explore({ services, dataSource }: { services: Services; dataSource: DataSourceApi }) {
  const [app, setApp] = useState<CoreApp>(CoreApp.Explore);
  const [range, setRange] = useState(initialRange);
  const [help, setHelp] = useState(false);
  const { query, change, response, running, run } = useQuery(dataSource, range, app);
  const { QueryEditor, QueryEditorHelp } = services.loaded.plugin.components;
  const instance = services.dataSources.getInstanceSettings(dataSource.uid);

  return (
    <>
      <div className={styles.bar}>
        <RadioButtonGroup aria-label="Shown in" options={apps} value={app} onChange={setApp} />
        <div className={styles.actions}>
          <Button variant="secondary" icon="question-circle" onClick={() => setHelp(!help)} aria-expanded={help}>
            Query help
          </Button>
          <TimeRangePicker
            value={range}
            timeZone="browser"
            onChange={setRange}
            onChangeTimeZone={() => undefined}
            onMoveBackward={() => setRange(moved(range, -1))}
            onMoveForward={() => setRange(moved(range, 1))}
            onZoom={() => setRange(widened(range))}
          />
          <Button icon="sync" onClick={run} disabled={running}>
            Run query
          </Button>
        </div>
      </div>
      <section className={styles.editor} aria-label="Query A">
        {QueryEditor && instance && (
          <DataSourcePluginContextProvider instanceSettings={instance}>
            <QueryEditor
              key={app}
              datasource={dataSource}
              query={query}
              onChange={change}
              onRunQuery={run}
              app={app}
              range={range}
              data={response}
            />
          </DataSourcePluginContextProvider>
        )}
      </section>
      {help && QueryEditorHelp && (
        <section className={styles.editor} aria-label="Query help">
          <QueryEditorHelp
            datasource={dataSource}
            query={query}
            onClickExample={(example: DataQuery) => change({ ...example, refId: query.refId })}
          />
        </section>
      )}
      <section aria-label="Result" aria-busy={running} data-testid="result">
        {response && <Result response={response} />}
      </section>
    </>
  );
}

const { colors, shape, spacing } = config.theme2;
const styles = {
  bar: css({ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: spacing(1) }),
  actions: css({ display: 'flex', flexWrap: 'wrap', gap: spacing(1) }),
  editor: css({
    background: colors.background.primary,
    border: `1px solid ${colors.border.weak}`,
    borderRadius: shape.radius.default,
    margin: spacing(2, 0),
    padding: spacing(1),
  }),
};
