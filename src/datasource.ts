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
  LoadingState,
  type MetricFindValue,
  type PanelData,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { config, DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { type DataQuery } from '@grafana/schema';
import { defer, map, type Observable, of } from 'rxjs';

import { annotationSupport, isAnnotationRequest, keepAnnotations } from './annotations';
import { type AnswerAPI, type LabelAPI } from './labels/LabelAPI';
import { lookupRange } from './labels/lookupRange';
import { describeQuery } from './query/describe';
import { pprofResource } from './query/download';
import { explorePath, functionSeriesOf } from './query/functionSeries';
import { filtered, filterProblem, filtersToMatchers } from './query/filters';
import { fromAbstractQuery, fromSavedQueries, toAbstractQuery } from './query/importQueries';
import { interpolateQuery, interpolateSelector } from './query/interpolate';
import { migrateQuery } from './query/migrate';
import { defaultQueryType, forApp, isComplete } from './query/options';
import { withPanelNotices } from './query/panelNotices';
import { askUntilWhole, comesInParts } from './query/progress';
import { type Replace } from './query/references';
import { formatSelector } from './selector/format';
import { type ProfileTypeMessage, type PyrofrontOptions, type PyrofrontQuery } from './types';
import { VariableSupport } from './variables/VariableSupport';

/** Talks to the plugin's backend; everything that is decided here is decided by pure functions of `query/`. */
export class PyrofrontDataSource
  extends DataSourceWithBackend<PyrofrontQuery, PyrofrontOptions>
  implements DataSourceWithQueryExportSupport<PyrofrontQuery>, LabelAPI, AnswerAPI
{
  readonly nodeLimits: AnswerAPI['nodeLimits'];

  constructor(settings: DataSourceInstanceSettings<PyrofrontOptions>) {
    super(settings);
    this.variables = new VariableSupport(this);
    this.annotations = annotationSupport;
    const { maxNodesDefault, maxNodesMax } = settings.jsonData;
    const most = maxNodesMax || 1_048_576;
    this.nodeLimits = { preset: maxNodesDefault || Math.min(8192, most), most };
  }

  query(request: DataQueryRequest<PyrofrontQuery>): Observable<DataQueryResponse> {
    const refused = filterProblem(request.filters);
    if (refused) {
      const errors = request.targets.map(({ refId }) => ({ refId, message: refused }));
      return of({ data: [], errors, state: LoadingState.Error });
    }
    const targets = request.targets.map((target) => forApp(migrateQuery(target), request.app));
    const asked = { ...request, targets };
    // Grafana 13.2 asks once somebody subscribes, 12.4 at once, and throws what is wrong with a query: the first in both.
    const ask = (one: typeof asked) => defer(() => super.query(one));
    if (isAnnotationRequest(request)) {
      return ask(asked).pipe(map(keepAnnotations));
    }
    const response = comesInParts(asked) && somebodyLooks() ? askUntilWhole(ask, asked) : ask(asked);
    return response.pipe(map((answer) => withPanelNotices(answer, asked)));
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
    return filtered(interpolateQuery(migrateQuery(query), replaceWith(scopedVars)), filters);
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

  /** The profile types of the profiles that a selector selects. */
  async getProfileTypes(
    range?: TimeRange,
    selector = '{}',
    scopedVars: ScopedVars = {}
  ): Promise<ProfileTypeMessage[]> {
    const query = interpolateSelector(selector, replaceWith(scopedVars));
    const scope = query === '{}' ? {} : { query };
    return this.getResource<ProfileTypeMessage[]>('profileTypes', { ...scope, ...lookupRange(range) });
  }

  /** The label names of the profiles that a selector selects; those that Pyroscope makes for itself come last. */
  async getLabelNames(selector: string, range?: TimeRange, scopedVars: ScopedVars = {}): Promise<string[]> {
    const query = interpolateSelector(selector, replaceWith(scopedVars));
    const names = await this.getResource<string[]>('labelNames', { query, ...lookupRange(range) });
    const isOwn = (name: string) => name.startsWith('__');
    return [...names.filter((name) => !isOwn(name)), ...names.filter(isOwn)];
  }

  /** The values of a label in the profiles that a selector selects. */
  async getLabelValues(
    label: string,
    selector: string,
    range?: TimeRange,
    scopedVars: ScopedVars = {}
  ): Promise<string[]> {
    const replace = replaceWith(scopedVars);
    const query = interpolateSelector(selector, replace);
    return this.getResource<string[]>('labelValues', { label: replace(label), query, ...lookupRange(range) });
  }

  async getFunctionNames(profileTypeId: string, selector: string, range?: TimeRange): Promise<string[]> {
    const replace = replaceWith({});
    const query = interpolateSelector(selector, replace);
    return this.getResource<string[]>('functionNames', {
      profileTypeId: replace(profileTypeId),
      query,
      ...lookupRange(range),
    });
  }

  functionSeriesUrl(query: PyrofrontQuery, { request, timeRange }: PanelData): string {
    const asked = this.applyTemplateVariables(query, request?.scopedVars ?? {}, request?.filters);
    return `${config.appSubUrl}${explorePath(functionSeriesOf(asked), this.getRef(), timeRange)}`;
  }

  pprofUrl(query: PyrofrontQuery, { request, timeRange }: PanelData): string {
    const asked = this.applyTemplateVariables(query, request?.scopedVars ?? {}, request?.filters);
    const resources = `${config.appSubUrl}/api/datasources/uid/${this.uid}/resources`;
    return `${resources}/${pprofResource(asked, timeRange)}`;
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

/** Public dashboards are asked by Grafana's backend, and a picture that Grafana renders of a panel is taken once. */
function somebodyLooks(): boolean {
  return !config.publicDashboardAccessToken && config.bootData?.user?.authenticatedBy !== 'render';
}

function replaceWith(scopedVars: ScopedVars): Replace {
  return (text, format) => getTemplateSrv().replace(text, scopedVars, format);
}
