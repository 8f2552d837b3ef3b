import { type AbstractLabelMatcher, AbstractLabelOperator, type AbstractQuery } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { formatSelector } from '../selector/format';
import { type Matcher, type Operator } from '../selector/matcher';
import { parseSelector } from '../selector/parse';
import { serviceLabel } from '../selector/edit';
import { type PyrofrontQuery } from '../types';

import { migrateQuery } from './migrate';

/** Data sources whose saved queries are ours, in an older form. */
const relatives = ['grafana-pyroscope-datasource', 'phlare', 'pyroscope-datasource'];

const operatorOf: Record<AbstractLabelOperator, Operator> = {
  [AbstractLabelOperator.Equal]: '=',
  [AbstractLabelOperator.NotEqual]: '!=',
  [AbstractLabelOperator.EqualRegEx]: '=~',
  [AbstractLabelOperator.NotEqualRegEx]: '!~',
};

/** Other signals' names of the service. */
const serviceNames = ['service', 'service.name', 'resource.service.name', '.service.name', 'resource_service_name'];

/** Names that mean something only where they come from. */
const foreignNames = ['__name__', 'le', 'quantile', 'level', 'detected_level'];

/** A query with the labels of another data source's query. The profile type is left for the editor to choose. */
export function fromAbstractQuery({ refId, labelMatchers }: AbstractQuery): PyrofrontQuery {
  const matchers = labelMatchers.filter(({ name }) => !foreignNames.includes(name)).map(fromAbstractMatcher);
  return emptyQuery(refId, matchers);
}

/** The labels of a query, for other data sources. */
export function toAbstractQuery({ refId, labelSelector }: PyrofrontQuery): AbstractQuery {
  const labelMatchers = parseSelector(labelSelector ?? '').matchers.map(({ name, operator, value }) => {
    const known = Object.entries(operatorOf).find(([, ours]) => ours === operator)!;
    return { name, value, operator: known[0] as AbstractLabelOperator };
  });
  return { refId, labelMatchers };
}

/** Saved queries of a data source of the given type, as far as something of them can be kept. */
export function fromSavedQueries(queries: DataQuery[], type: string): PyrofrontQuery[] {
  if (relatives.includes(type)) {
    return queries.map(migrateQuery);
  }
  return type === 'tempo' ? queries.map(fromTempo) : [];
}

const traceId = /^[0-9a-f]{32}$/i;
const traceService = /resource\.service\.name\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

/** A trace's id selects its samples; a search keeps its service. */
function fromTempo(saved: DataQuery & { query?: unknown }): PyrofrontQuery {
  const text = typeof saved.query === 'string' ? saved.query.trim() : '';
  if (traceId.test(text)) {
    return { ...emptyQuery(saved.refId, []), traceIdSelector: [text.toLowerCase()] };
  }
  const matchers = [...text.matchAll(traceService)].map(([, operator, value]) => ({
    name: serviceLabel,
    operator: operator as Operator,
    value: value!.replace(/\\(.)/g, '$1'),
  }));
  return emptyQuery(saved.refId, matchers);
}

function fromAbstractMatcher({ name, operator, value }: AbstractLabelMatcher): Matcher {
  return { name: serviceNames.includes(name) ? serviceLabel : name, operator: operatorOf[operator], value };
}

/** Flame graph and metrics where both can be shown; elsewhere the editor takes the one of the two that can. */
function emptyQuery(refId: string, matchers: Matcher[]): PyrofrontQuery {
  return { refId, queryType: 'both', profileTypeId: '', labelSelector: formatSelector(matchers), groupBy: [] };
}
