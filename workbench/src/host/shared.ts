import * as emotionCSS from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUI from '@grafana/ui';
import * as i18next from 'i18next';
import lodash from 'lodash';
import moment from 'moment';
import prismjs from 'prismjs';
import react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import reactDOM from 'react-dom';
import * as reactRedux from 'react-redux';
import * as redux from 'redux';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

/** CommonJS packages: AMD modules take the whole as it is, and as the default. */
function common<Library extends object>(library: Library) {
  return { ...library, default: library, __useDefault: true };
}

/** The libraries that Grafana shares with its plugins, of those that this plugin may ask for. */
export const sharedLibraries: Record<string, System.Module> = {
  '@emotion/css': emotionCSS,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUI,
  i18next,
  lodash: common(lodash),
  moment: common(moment),
  prismjs: common(prismjs),
  react: common(react),
  'react/jsx-runtime': jsxRuntime,
  'react-dom': common(reactDOM),
  'react-redux': reactRedux,
  redux,
  rxjs,
  'rxjs/operators': rxjsOperators,
};
