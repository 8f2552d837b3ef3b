import { type TimeRange } from '@grafana/data';
import { type DataSourceRef } from '@grafana/schema';

import { escapeRegex } from '../selector/matcher';
import { type PyrofrontQuery } from '../types';

/**
 * What the functions of a flame graph took over time: the one in focus, of all that is selected, or else those in which
 * most was spent.
 */
export function functionSeriesOf(query: PyrofrontQuery): PyrofrontQuery {
  const { profileTypeId, labelSelector, spanSelector, traceIdSelector, profileIdSelector } = query;
  const ids = { spanSelector, traceIdSelector, profileIdSelector };
  const series = {
    refId: 'A',
    queryType: 'functionSeries' as const,
    profileTypeId,
    labelSelector,
    groupBy: [],
    ...ids,
  };
  const focus = query.callSite?.at(-1);
  // Outer functions have most of the total: what takes the time is seen by what is spent in the functions themselves.
  return focus === undefined
    ? { ...series, measure: 'self' }
    : { ...series, measure: 'total', functions: escapeRegex(focus) };
}

/** The path of Explore, with one query over a range. */
export function explorePath(query: PyrofrontQuery, datasource: DataSourceRef, { raw, from, to }: TimeRange): string {
  const text = (time: TimeRange['raw']['from'], moment: TimeRange['from']) =>
    typeof time === 'string' ? time : String(moment.valueOf());
  const pane = {
    datasource: datasource.uid,
    queries: [{ ...query, datasource }],
    range: { from: text(raw.from, from), to: text(raw.to, to) },
  };
  return `/explore?${new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify({ series: pane }) })}`;
}
