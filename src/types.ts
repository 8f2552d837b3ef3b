import { type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

/** What a query asks for. `both` (flame graph and metrics) is for Explore only. */
export type QueryType =
  'profile' | 'metrics' | 'both' | 'topFunctions' | 'functionSeries' | 'diff' | 'heatmap' | 'plan';

export type Aggregation = 'sum' | 'average';

/** `self` is what was spent in a function itself, `total` with all that it called. */
export type FunctionMeasure = 'total' | 'self';

/** `share` is of the whole of each step. */
export type FunctionShow = 'share' | 'rate' | 'value';

/** `individual` points at single profiles, `span` at the spans of traces. */
export type Exemplars = 'none' | 'individual' | 'span';

/** What a diff compares with. What is not set is taken from the query itself. */
export interface DiffBaseline {
  labelSelector?: string;
  /** How far back the baseline lies, as a duration: `1d`. Not together with `from` and `to`. */
  timeShift?: string;
  /** A fixed baseline range: RFC 3339 or milliseconds since the epoch. */
  from?: string;
  to?: string;
}

/**
 * The query model, shared with the backend. The fields of Grafana's core Pyroscope data source keep their names and
 * meaning.
 */
export interface PyrofrontQuery extends DataQuery {
  queryType: QueryType;
  /** `process_cpu:cpu:nanoseconds:cpu:nanoseconds` */
  profileTypeId: string;
  /** `{service_name="checkout"}` */
  labelSelector: string;
  groupBy: string[];
  /** The most series (metrics, heat map) or rows (top functions) to return. Not set: no limit. */
  limit?: number;
  /** The most nodes of a flame graph. Not set: the data source's default. */
  maxNodes?: number;
  /** Span ids of 16 hexadecimal digits. */
  spanSelector?: string[];
  /** Trace ids of 32 hexadecimal digits. */
  traceIdSelector?: string[];
  /** UUIDs. */
  profileIdSelector?: string[];
  /** Only stacks that begin with these functions, root first. */
  callSite?: string[];
  /** Regular expression that names of functions must match. */
  functions?: string;
  /** What a series of a function shows, and how. Not set: the share of the total. */
  measure?: FunctionMeasure;
  show?: FunctionShow;
  aggregation?: Aggregation;
  /** The names of series: `{{pod}}` stands for a label. Not set: names that tell the series apart. */
  legendFormat?: string;
  exemplars?: Exemplars;
  diff?: DiffBaseline;
  /** Adds the cluster's own annotations (sampling, throttling) to metrics. */
  annotations?: boolean;
  /** Asks for what there is so far, in one of several requests of a run. It is in requests only, and never saved. */
  progress?: { run: string };
}

/** How much of an answer there is, in the custom metadata of its first frame. Whole answers have none. */
export interface Progress {
  /** Bytes that are merged; 0 of 0 is not known yet. */
  done: number;
  total: number;
  secondsLeft?: number;
  /** An id: another one says that the query was begun anew, in another Grafana or after a while in which nobody asked. */
  execution?: string;
}

/** Settings of a data source that are no secrets. The names are part of the contract with provisioning files. */
export interface PyrofrontOptions extends DataSourceJsonData {
  metastoreAddress?: string;
  queryBackendAddress?: string;
  tenants?: string[];
  minStep?: string;
  maxNodesDefault?: number;
  maxNodesMax?: number;
  maxMemoryBytes?: number;
  /** What answers that are kept for refreshes take, in bytes; 0 keeps none. */
  cacheMaxBytes?: number;
  maxQueryLength?: string;
  maxQueryLookback?: string;
  timeout?: string;
  maxConcurrentQueries?: number;
  /** The largest gRPC message that is taken, in bytes. */
  maxMessageBytes?: number;
  /** Panels show what there is where single blocks cannot be read. */
  partialAnswers?: boolean;
  tracesDatasourceUid?: string;
  debuginfodUrls?: string[];
  debuginfodAuth?: boolean;
  symbolTimeout?: string;
  symbolMaxBytes?: number;
  symbolCacheMaxBytes?: number;
  symbolCacheDir?: string;
  symbolCacheDirMaxBytes?: number;
  tlsEnabled?: boolean;
  tlsAuth?: boolean;
  tlsAuthWithCACert?: boolean;
  tlsSkipVerify?: boolean;
  serverName?: string;
  /** Names of extra headers; the values are secrets of the same number. */
  [header: `httpHeaderName${number}`]: string | undefined;
}

/** Settings that Grafana encrypts and never gives back. */
export interface PyrofrontSecrets {
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  bearerToken?: string;
  basicAuthPassword?: string;
  [header: `httpHeaderValue${number}`]: string | undefined;
}

/** One entry of the `profileTypes` resource. */
export interface ProfileTypeMessage {
  id: string;
  label: string;
}

/** What a template variable lists. The first three names are those of the core data source. */
export interface VariableQuery extends DataQuery {
  type: 'profileType' | 'label' | 'labelValue';
  profileTypeId?: string;
  labelName?: string;
  labelSelector?: string;
}
