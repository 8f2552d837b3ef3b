import './publicPath';

import { DataSourcePlugin, type QueryEditorHelpProps } from '@grafana/data';

import { lazily } from './components/lazily';
import { PyrofrontDataSource } from './datasource';
import { type EditedDataSource } from './labels/LabelAPI';
import { type PyrofrontOptions, type PyrofrontQuery, type PyrofrontSecrets } from './types';

export const plugin = new DataSourcePlugin<EditedDataSource, PyrofrontQuery, PyrofrontOptions, PyrofrontSecrets>(
  PyrofrontDataSource
)
  .setConfigEditor(
    lazily(async () => (await import(/* webpackChunkName: "configEditor" */ './config/ConfigEditor')).ConfigEditor)
  )
  .setQueryEditor(
    lazily(async () => (await import(/* webpackChunkName: "queryEditor" */ './editor/QueryEditor')).QueryEditor)
  )
  .setQueryEditorHelp(
    lazily<QueryEditorHelpProps<PyrofrontQuery>>(
      async () => (await import(/* webpackChunkName: "queryHelp" */ './help/QueryHelp')).QueryHelp
    )
  );
