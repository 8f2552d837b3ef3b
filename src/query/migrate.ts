import { type DataQuery } from '@grafana/schema';

import { formatSelector } from '../selector/format';
import { parseSelector } from '../selector/parse';
import { serviceLabel } from '../selector/edit';
import { type Exemplars, type PyrofrontQuery } from '../types';

/** What queries of the past and of the core data source may hold. Nothing about it can be trusted. */
interface SavedQuery extends DataQuery {
  [field: string]: unknown;
}

/** Profile types by the last part of an application's name, as the first Pyroscope plugin had them. */
const firstPluginTypes: Record<string, string> = {
  cpu: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  itimer: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  wall: 'wall:wall:nanoseconds:wall:nanoseconds',
  alloc_objects: 'memory:alloc_objects:count:space:bytes',
  alloc_space: 'memory:alloc_space:bytes:space:bytes',
  inuse_objects: 'memory:inuse_objects:count:space:bytes',
  inuse_space: 'memory:inuse_space:bytes:space:bytes',
  goroutines: 'goroutines:goroutine:count:goroutine:count',
};

/**
 * Brings a saved query up to date: queries of Grafana's core Pyroscope data source, of its forerunners, and older ones
 * of our own. A query that is up to date comes back as the same object. An empty selector is up to date: it is what the
 * code editor holds for a moment when somebody writes anew.
 */
export function migrateQuery(saved: DataQuery): PyrofrontQuery {
  if (isCurrent(saved)) {
    return saved;
  }
  const query: SavedQuery = { ...saved };
  if (typeof query.labelSelector !== 'string' && (typeof query.query === 'string' || typeof query.name === 'string')) {
    Object.assign(query, fromFirstPlugin(query));
  }
  const { includeExemplars, query: _query, name: _name, format: _format, from: _from, until: _until, ...rest } = query;
  const migrated: PyrofrontQuery = {
    ...rest,
    queryType: (query.queryType || 'both') as PyrofrontQuery['queryType'],
    profileTypeId: typeof query.profileTypeId === 'string' ? query.profileTypeId : '',
    labelSelector: typeof query.labelSelector === 'string' ? query.labelSelector : '{}',
    groupBy: asList(query.groupBy) ?? [],
    limit: asCount(query.limit),
    maxNodes: asCount(query.maxNodes),
    spanSelector: asList(query.spanSelector),
    traceIdSelector: asList(query.traceIdSelector),
    profileIdSelector: asList(query.profileIdSelector),
    callSite: asList(query.callSite),
    exemplars: (query.exemplars as Exemplars | undefined) ?? (includeExemplars === true ? 'individual' : undefined),
  };
  return withoutUndefined(migrated);
}

function isCurrent(saved: DataQuery): saved is PyrofrontQuery {
  const query = saved as SavedQuery;
  const optionalLists = [query.spanSelector, query.traceIdSelector, query.profileIdSelector, query.callSite];
  return (
    typeof query.queryType === 'string' &&
    query.queryType !== '' &&
    typeof query.profileTypeId === 'string' &&
    typeof query.labelSelector === 'string' &&
    isCleanList(query.groupBy) &&
    optionalLists.every((list) => list === undefined || isCleanList(list)) &&
    [query.limit, query.maxNodes].every((count) => count === undefined || asCount(count) === count) &&
    query.includeExemplars === undefined
  );
}

/** `my.app.cpu{region="eu"}` is the CPU profile of the application `my.app`. */
function fromFirstPlugin(query: SavedQuery): Partial<PyrofrontQuery> {
  const text = typeof query.query === 'string' && query.query ? query.query : String(query.name);
  const brace = text.indexOf('{');
  const application = brace < 0 ? text : text.slice(0, brace);
  const dot = application.lastIndexOf('.');
  const profileTypeId = firstPluginTypes[application.slice(dot + 1)];
  const service = profileTypeId && dot > 0 ? application.slice(0, dot) : application;
  const matchers = parseSelector(brace < 0 ? '{}' : text.slice(brace)).matchers;
  return {
    queryType: 'profile',
    profileTypeId: profileTypeId ?? '',
    labelSelector: formatSelector([{ name: serviceLabel, operator: '=', value: service }, ...matchers]),
  };
}

function isCleanList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string' && entry !== '');
}

function asList(value: unknown): string[] | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}

/** Counts were saved as 0, as text and as null where there was none. */
function asCount(value: unknown): number | undefined {
  const count = Number(value);
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

function withoutUndefined<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(kept) as T;
}
