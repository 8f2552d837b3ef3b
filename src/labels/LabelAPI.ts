import { type DataSourceApi, type ScopedVars, type TimeRange } from '@grafana/data';

import { type ProfileTypeMessage, type PyrofrontOptions, type PyrofrontQuery } from '../types';

/** What there is in the cluster: profile types, label names and values, of the profiles that a selector selects. */
export interface LabelAPI {
  getProfileTypes(range?: TimeRange, selector?: string, scopedVars?: ScopedVars): Promise<ProfileTypeMessage[]>;
  getLabelNames(selector: string, range?: TimeRange, scopedVars?: ScopedVars): Promise<string[]>;
  getLabelValues(label: string, selector: string, range?: TimeRange, scopedVars?: ScopedVars): Promise<string[]>;
}

/** What editors need of the data source. */
export type EditedDataSource = DataSourceApi<PyrofrontQuery, PyrofrontOptions> & LabelAPI;
