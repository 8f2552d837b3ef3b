import 'systemjs/dist/system.js';
// The plugin is built as AMD.
import 'systemjs/dist/extras/amd.js';
import 'systemjs/dist/extras/named-register.js';

import type { DataSourcePlugin, DataSourcePluginMeta } from '@grafana/data';

import { loadTexts } from './language';
import { sharedLibraries } from './shared';

export const pluginId = 'pyrofront-pyroscope-datasource';
const baseUrl = `/public/plugins/${pluginId}`;

export interface LoadedPlugin {
  plugin: DataSourcePlugin<any, any, any, any>;
  meta: DataSourcePluginMeta & { languages: string[] };
}

/** Loads the built plugin as Grafana does: module.js through SystemJS, with the host's libraries in their places. */
export async function loadPlugin(): Promise<LoadedPlugin> {
  shareLibraries();
  const meta: LoadedPlugin['meta'] = await (await fetch(`${baseUrl}/plugin.json`)).json();
  await loadTexts(baseUrl, meta);
  const module = await System.import(`${baseUrl}/module.js`);
  const { small, large } = meta.info.logos;
  const info = { ...meta.info, logos: { small: `${baseUrl}/${small}`, large: `${baseUrl}/${large}` } };
  return { plugin: module.plugin, meta: { ...meta, info, module: `${baseUrl}/module.js`, baseUrl } };
}

function shareLibraries() {
  const imports: Record<string, string> = {};
  for (const [name, library] of Object.entries(sharedLibraries)) {
    imports[name] = `shared:${name}`;
    System.set(`shared:${name}`, library);
  }
  System.addImportMap({ imports });
}
