import {
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginLinksHook,
  setTemplateSrv,
} from '@grafana/runtime';
import { EventBusSrv } from '@grafana/data';

import { Backend } from './backend';
import { DataSources } from './dataSources';
import { startLanguage } from './language';
import { loadPlugin } from './plugin';
import { templates } from './templates';

/** Sets Grafana's services up, loads the plugin and its data sources. */
export async function startServices() {
  setBackendSrv(new Backend());
  setTemplateSrv(templates);
  setAppEvents(new EventBusSrv());
  const nobody = () => undefined;
  setEchoSrv({ flush: nobody, addBackend: nobody, addEvent: nobody, onInteraction: () => nobody });
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  await startLanguage();

  const loaded = await loadPlugin();
  const dataSources = new DataSources(loaded);
  setDataSourceSrv(dataSources);
  await dataSources.load();
  return { loaded, dataSources, languages: loaded.meta.languages };
}

export type Services = Awaited<ReturnType<typeof startServices>>;
