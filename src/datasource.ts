import {
  type AbstractQuery,
  type AdHocVariableFilter,
  type CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceGetTagKeysOptions,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type DataSourceWithQueryExportSupport,
  hasQueryExportSupport,
  type MetricFindValue,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { type DataQuery } from '@grafana/schema';
import { map, type Observable } from 'rxjs';

import { annotationSupport, isAnnotationRequest, keepAnnotations } from './annotations';
import { describeQuery } from './query/describe';
import { filtersToMatchers, withFilters } from './query/filters';
import { fromAbstractQuery, fromSavedQueries, toAbstractQuery } from './query/importQueries';
import { interpolateQuery, interpolateSelector, type Replace } from './query/interpolate';
import { migrateQuery } from './query/migrate';
import { defaultQueryType, forApp, isComplete } from './query/options';
import { formatSelector } from './selector/format';
import { type ProfileTypeMessage, type PyrofrontOptions, type PyrofrontQuery } from './types';
import { VariableSupport } from './variables/VariableSupport';

const dayInMs = 24 * 60 * 60 * 1000;

/** Talks to the plugin's backend; everything that is decided here is decided by pure functions of `query/`. */
export class PyrofrontDataSource
  extends DataSourceWithBackend<PyrofrontQuery, PyrofrontOptions>
  implements DataSourceWithQueryExportSupport<PyrofrontQuery>
{
  constructor(settings: DataSourceInstanceSettings<PyrofrontOptions>) {
    super(settings);
    this.variables = new VariableSupport(this);
    this.annotations = annotationSupport;
  }

  query(request: DataQueryRequest<PyrofrontQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.map((target) => forApp(migrateQuery(target), request.app));
    const response = super.query({ ...request, targets });
    return isAnnotationRequest(request) ? response.pipe(map(keepAnnotations)) : response;
  }

  /** A query runs once it says of what, and a diff once it says against what. */
  filterQuery(query: PyrofrontQuery): boolean {
    return isComplete(query);
  }

  getDefaultQuery(app: CoreApp): Partial<PyrofrontQuery> {
    return { queryType: defaultQueryType(app), profileTypeId: '', labelSelector: '{}', groupBy: [] };
  }

  getQueryDisplayText(query: PyrofrontQuery): string {
    return describeQuery(migrateQuery(query));
  }

  applyTemplateVariables(
    query: PyrofrontQuery,
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): PyrofrontQuery {
    const interpolated = interpolateQuery(migrateQuery(query), replaceWith(scopedVars));
    return { ...interpolated, labelSelector: withFilters(interpolated.labelSelector, filters) };
  }

  interpolateVariablesInQueries(
    queries: PyrofrontQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): PyrofrontQuery[] {
    return queries.map((query) => ({
      ...this.applyTemplateVariables(query, scopedVars, filters),
      datasource: this.getRef(),
    }));
  }

  /** The profile types that have profiles in the range. */
  async getProfileTypes(range?: TimeRange): Promise<ProfileTypeMessage[]> {
    return this.getResource<ProfileTypeMessage[]>('profileTypes', inMs(range));
  }

  /** The label names of the profiles that a selector selects; those that Pyroscope makes for itself come last. */
  async getLabelNames(selector: string, range?: TimeRange): Promise<string[]> {
    const query = interpolateSelector(selector, replaceWith({}));
    const names = await this.getResource<string[]>('labelNames', { query, ...inMs(range) });
    const isOwn = (name: string) => name.startsWith('__');
    return [...names.filter((name) => !isOwn(name)), ...names.filter(isOwn)];
  }

  /** The values of a label in the profiles that a selector selects. */
  async getLabelValues(label: string, selector: string, range?: TimeRange): Promise<string[]> {
    const replace = replaceWith({});
    const query = interpolateSelector(selector, replace);
    return this.getResource<string[]>('labelValues', { label: replace(label), query, ...inMs(range) });
  }

  async getTagKeys(options: DataSourceGetTagKeysOptions<PyrofrontQuery>): Promise<MetricFindValue[]> {
    const selector = formatSelector(filtersToMatchers(options.filters));
    const names = await this.getLabelNames(selector, options.timeRange);
    return names.map((text) => ({ text }));
  }

  async getTagValues(options: DataSourceGetTagValuesOptions<PyrofrontQuery>): Promise<MetricFindValue[]> {
    const others = options.filters.filter((filter) => filter.key !== options.key);
    const selector = formatSelector(filtersToMatchers(others));
    const values = await this.getLabelValues(options.key, selector, options.timeRange);
    return values.map((text) => ({ text }));
  }

  async exportToAbstractQueries(queries: PyrofrontQuery[]): Promise<AbstractQuery[]> {
    return queries.map(toAbstractQuery);
  }

  /**
   * Keeps what can be kept of another data source's queries: everything of the core Pyroscope data source's, the labels
   * of all that can say theirs. There is no `importFromAbstractQueries`, which Grafana would call in place of this: it
   * gets labels alone, and the core data source's panels would lose their profile type and all options.
   */
  async importQueries(queries: DataQuery[], origin: DataSourceApi<DataQuery>): Promise<PyrofrontQuery[]> {
    const saved = fromSavedQueries(queries, origin.type);
    if (saved.length > 0 || !hasQueryExportSupport(origin)) {
      return saved;
    }
    return (await origin.exportToAbstractQueries(queries)).map(fromAbstractQuery);
  }
}

function replaceWith(scopedVars: ScopedVars): Replace {
  return (text, format) => getTemplateSrv().replace(text, scopedVars, format);
}

/** A range as the resources take it. Ends are rounded outwards to 10 s, so that repeated questions are the same. */
function inMs(range: TimeRange | undefined): { start: number; end: number } {
  const end = range?.to.valueOf() ?? Date.now();
  const start = range?.from.valueOf() ?? end - dayInMs;
  return { start: Math.floor(start / 10_000) * 10_000, end: Math.ceil(end / 10_000) * 10_000 };
}
