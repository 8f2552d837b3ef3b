import {
  applyFieldOverrides,
  type CoreApp,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  rangeUtil,
  type TimeRange,
} from '@grafana/data';
import { config } from '@grafana/runtime';
import { useCallback, useEffect, useRef, useState } from 'react';
import { from, type Subscription } from 'rxjs';

import { linkTemplates } from '../host/templates';

import { refreshed } from './range';

const maxDataPoints = 1000;

/** Keeps a query and runs it on demand, and again for another range or another part of Grafana. */
export function useQuery(dataSource: DataSourceApi, range: TimeRange, app: CoreApp) {
  const [query, setQuery] = useState<DataQuery>(() => ({ refId: 'A', ...dataSource.getDefaultQuery?.(app) }));
  const [response, setResponse] = useState<PanelData>();
  const [running, setRunning] = useState(false);
  const latest = useRef({ query, range, app });
  latest.current = { ...latest.current, range, app };
  const underway = useRef<Subscription | undefined>(undefined);

  const change = useCallback((changed: DataQuery) => {
    // An editor changes its query and runs it in one go, before React shows the change.
    latest.current = { ...latest.current, query: changed };
    setQuery(changed);
  }, []);

  const run = useCallback(() => {
    underway.current?.unsubscribe();
    const request = requestOf(latest.current);
    if (dataSource.filterQuery && !dataSource.filterQuery(latest.current.query)) {
      setResponse(panelData({ data: [] }, request.range));
      setRunning(false);
      return;
    }
    setRunning(true);
    underway.current = from(dataSource.query(request)).subscribe({
      next: (answer) => setResponse(panelData(answer, request.range)),
      error: (error: unknown) => {
        setResponse(panelData({ data: [], error: { message: String(error) } }, request.range));
        setRunning(false);
      },
      complete: () => setRunning(false),
    });
  }, [dataSource]);

  useEffect(() => () => underway.current?.unsubscribe(), []);
  useEffect(run, [run, range, app]);
  return { query, change, response, running, run };
}

let requests = 0;

function requestOf({ query, range, app }: { query: DataQuery; range: TimeRange; app: CoreApp }): DataQueryRequest {
  const now = refreshed(range);
  const { interval, intervalMs } = rangeUtil.calculateInterval(now, maxDataPoints, '15s');
  requests++;
  return {
    app,
    interval,
    intervalMs,
    maxDataPoints,
    range: now,
    requestId: `workbench-${requests}`,
    scopedVars: {
      __interval: { text: interval, value: interval },
      __interval_ms: { text: String(intervalMs), value: intervalMs },
    },
    startTime: Date.now(),
    targets: [query],
    timezone: 'browser',
  };
}

/** Puts an answer into the form that Grafana's panels get. */
function panelData({ data, error, errors, state }: DataQueryResponse, timeRange: TimeRange): PanelData {
  const series: DataFrame[] = applyFieldOverrides({
    data,
    fieldConfig: { defaults: {}, overrides: [] },
    replaceVariables: linkTemplates,
    theme: config.theme2,
    timeZone: 'browser',
  });
  const failed = errors ?? (error ? [error] : undefined);
  return { series, errors: failed, state: failed ? LoadingState.Error : (state ?? LoadingState.Done), timeRange };
}
