import { type DataSourceApi, type PanelData, type ScopedVars, type TimeRange } from '@grafana/data';

import { type ProfileTypeMessage, type PyrofrontOptions, type PyrofrontQuery } from '../types';

/** What there is in the cluster: profile types, label names and values, functions, of the profiles that a selector selects. */
export interface LabelAPI {
  getProfileTypes(range?: TimeRange, selector?: string, scopedVars?: ScopedVars): Promise<ProfileTypeMessage[]>;
  getLabelNames(selector: string, range?: TimeRange, scopedVars?: ScopedVars): Promise<string[]>;
  getLabelValues(label: string, selector: string, range?: TimeRange, scopedVars?: ScopedVars): Promise<string[]>;
  /** Functions of the newest part of a range, the largest first. */
  getFunctionNames(profileTypeId: string, selector: string, range?: TimeRange): Promise<string[]>;
}

/** What is done with answers. */
export interface AnswerAPI {
  /** How many nodes a flame graph has where a query does not say, and how many it can have. */
  readonly nodeLimits: { preset: number; most: number };
  /** Where the profile comes from, as a file, that a query of a request shows. */
  pprofUrl(query: PyrofrontQuery, data: PanelData): string;
  /** Explore, with what the functions of a query's flame graph took over time. */
  functionSeriesUrl(query: PyrofrontQuery, data: PanelData): string;
}

/** What editors need of the data source. */
export type EditedDataSource = DataSourceApi<PyrofrontQuery, PyrofrontOptions> & LabelAPI & AnswerAPI;
