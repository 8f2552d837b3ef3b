import {
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceRef,
  type DataSourceSettings,
} from '@grafana/data';
import { type DataSourceSrv, type GetDataSourceListFilters, getBackendSrv } from '@grafana/runtime';

import { type LoadedPlugin } from './plugin';

/** Grafana's list of data sources: those of the Go host, all of this plugin. */
export class DataSources implements DataSourceSrv {
  private saved: DataSourceSettings[] = [];
  private readonly instances = new Map<string, DataSourceApi>();

  constructor(private readonly loaded: LoadedPlugin) {}

  /** Reads the list again, for instance after a change. */
  async load() {
    this.saved = await getBackendSrv().get<DataSourceSettings[]>('/api/datasources');
    this.instances.clear();
  }

  /** The settings as an editor has them. */
  settings(): DataSourceSettings[] {
    return this.saved;
  }

  async save(settings: DataSourceSettings) {
    await getBackendSrv().put(`/api/datasources/uid/${settings.uid}`, settings);
    await this.load();
  }

  getList(filters: GetDataSourceListFilters = {}): DataSourceInstanceSettings[] {
    const list = this.saved.map((settings) => this.instanceSettings(settings));
    return filters.tracing || filters.logs ? [] : list.filter(filters.filter ?? (() => true));
  }

  /** As in Grafana, nothing stands for the default data source, which is the first here. */
  getInstanceSettings(ref?: DataSourceRef | string | null): DataSourceInstanceSettings | undefined {
    const uid = (typeof ref === 'string' ? ref : ref?.uid) ?? this.saved[0]?.uid;
    const found = this.saved.find((settings) => settings.uid === uid || settings.name === uid);
    return found && this.instanceSettings(found);
  }

  async get(ref?: DataSourceRef | string | null): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(ref);
    if (!settings) {
      throw new Error(`There is no data source ${JSON.stringify(ref)}.`);
    }
    const kept = this.instances.get(settings.uid) ?? this.start(settings);
    this.instances.set(settings.uid, kept);
    return kept;
  }

  reload() {
    return this.load();
  }

  registerRuntimeDataSource() {
    throw new Error('The workbench has no data sources of its own.');
  }

  private start(settings: DataSourceInstanceSettings): DataSourceApi {
    const { plugin, meta } = this.loaded;
    const instance: DataSourceApi = new plugin.DataSourceClass(settings);
    instance.components = plugin.components;
    instance.meta = meta;
    return instance;
  }

  private instanceSettings(settings: DataSourceSettings): DataSourceInstanceSettings {
    const { id, uid, name, type, access, url, jsonData, readOnly, isDefault } = settings;
    const proxied = access === 'direct' ? 'direct' : 'proxy';
    return { id, uid, name, type, url, jsonData, readOnly, isDefault, access: proxied, meta: this.loaded.meta };
  }
}
