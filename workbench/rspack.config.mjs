import path from 'node:path';
import { rspack } from '@rspack/core';

const root = import.meta.dirname;

const iconPackage = 'node_modules/@grafana/ui/dist/public/img/icons';
const icons = 'public/build/img/icons';
const inter = { Regular: '400-normal', Medium: '500-normal', Italic: '400-italic', MediumItalic: '500-italic' };
const robotoMono = 'L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ';

/** Icons that are in Grafana but not in its packages, and what stands for them. */
const standIns = {
  'angle-double-left': 'angle-left',
  'angle-double-up': 'angle-up',
  'compress-alt': 'minus',
  'expand-alt': 'plus',
  flask: 'rocket',
  globe: 'cloud',
  layers: 'layer-group',
  spinner: 'sync',
  'stopwatch-slash': 'clock-nine',
  'thumbs-up': 'check',
};

/** Icons and fonts, from npm, where Grafana's components look for them. */
const grafanaAssets = [
  { from: iconPackage, to: icons },
  ...Object.entries(standIns).map(([name, standIn]) => ({
    from: `${iconPackage}/unicons/${standIn}.svg`,
    to: `${icons}/unicons/${name}.svg`,
  })),
  ...Object.entries(inter).map(([name, style]) => ({
    from: `node_modules/@fontsource/inter/files/inter-latin-${style}.woff2`,
    to: `public/fonts/inter/Inter-${name}.woff2`,
  })),
  {
    from: 'node_modules/@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2',
    to: `public/fonts/roboto/${robotoMono}.woff2`,
  },
];

export default (_env, { mode }) => ({
  mode,
  context: root,
  entry: './src/main.ts',
  devtool: mode === 'production' ? false : 'cheap-module-source-map',
  resolve: {
    extensions: ['.ts', '.tsx', '.mjs', '.js'],
    // Monaco without its languages: the page edits the plugin's own only.
    alias: { 'monaco-editor$': 'monaco-editor/esm/vs/editor/edcore.main.js' },
  },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            target: 'es2022',
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic' } },
          },
        },
      },
      { test: /\.css$/, type: 'css' },
      // Grafana's packages import CommonJS ones as bundlers read them, not as Node.js does.
      { test: /\.m?js$/, type: 'javascript/auto', resolve: { fullySpecified: false } },
    ],
  },
  output: {
    path: path.join(root, 'dist'),
    clean: true,
    filename: 'assets/[name].[contenthash].js',
    chunkFilename: 'assets/[name].[contenthash].js',
    assetModuleFilename: 'assets/[name].[hash][ext]',
    publicPath: '/',
  },
  plugins: [
    // SystemJS puts a global `define` up for the plugin; the page's own libraries must not take it for theirs.
    new rspack.DefinePlugin({ 'typeof define': JSON.stringify('undefined') }),
    new rspack.HtmlRspackPlugin({ template: './index.html' }),
    new rspack.CopyRspackPlugin({ patterns: grafanaAssets }),
  ],
  performance: { hints: false },
  stats: { preset: 'errors-warnings' },
});
