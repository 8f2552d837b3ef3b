import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { rspack } from '@rspack/core';

const root = import.meta.dirname;
const readJSON = (name) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const plugin = readJSON('plugin.json');
const { version } = readJSON('package.json');

/** The libraries that Grafana shares with its plugins: never bundled, always Grafana's own copy. */
const shared = [
  '@emotion/css',
  '@emotion/react',
  'i18next',
  'lodash',
  'moment',
  'prismjs',
  'react',
  'react-dom',
  'react-redux',
  'redux',
  'rxjs',
  'rxjs/operators',
  /^@grafana\/(data|runtime|ui)(\/|$)/,
  // The loader's own module: it tells the address that module.js came from.
  { 'amd-module': 'module' },
];

/** The day of the commit, so that one commit makes one build; without git, today. */
function builtOn() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%cs'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return new Date().toISOString().slice(0, 10);
  }
}

const today = builtOn();

/** Fills in the placeholders that Grafana's plugin tools know. */
function fillIn(content) {
  return content
    .toString()
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', today)
    .replaceAll('%PLUGIN_ID%', plugin.id);
}

/** Says in plugin.json what the build is for, as create-plugin's builds do. */
function withBuildMode(content, buildMode) {
  return JSON.stringify({ ...JSON.parse(content), buildMode }, null, 2);
}

/** The most that every page of Grafana with a panel of ours may load: bytes of module.js, gzipped. */
const maxModuleSize = 150_000;

/** Says how large the scripts are as they are sent, and fails the build where module.js is too large. */
function measure(compilation) {
  const gzipped = (name) => gzipSync(compilation.assets[name].buffer()).length;
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const scripts = Object.keys(compilation.assets).filter((name) => /\.js(\?|$)/.test(name));
  const size = gzipped('module.js');
  const total = scripts.reduce((sum, name) => sum + gzipped(name), 0);
  console.log(`module.js: ${kB(size)} gzipped of at most ${kB(maxModuleSize)}; with all lazily loaded: ${kB(total)}`);
  if (size > maxModuleSize) {
    compilation.errors.push(new Error(`module.js has ${size} bytes gzipped, allowed are ${maxModuleSize}`));
  }
}

/**
 * What a script of ours has in it only where a part of React was bundled: the names of its internals, and the marks of the
 * elements that its JSX runtime makes. Those of React 18 are no elements to React 19, and the other way round.
 */
const partsOfReact = [
  '__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED',
  '__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE',
  'react.element',
  'react.transitional.element',
];

/** Fails the build where a script brings a part of React, which has to be Grafana's own, of whatever version that is. */
function refuseReact(compilation) {
  for (const name of Object.keys(compilation.assets).filter((name) => /\.js(\?|$)/.test(name))) {
    const script = compilation.assets[name].source().toString();
    const found = partsOfReact.filter((part) => script.includes(part));
    if (found.length > 0) {
      compilation.errors.push(
        new Error(
          `${name} has a part of React in it (${found.join(', ')}): add what was bundled to the shared libraries`
        )
      );
    }
  }
}

/**
 * Fails the build where a source map names modules that are no file, which an import of a computed path makes: the catalog's
 * validator compares the map's files with those of the repository.
 */
function refuseComputedImports(compilation) {
  for (const name of Object.keys(compilation.assets).filter((name) => name.includes('.js.map'))) {
    const { sources } = JSON.parse(compilation.assets[name].source().toString());
    const computed = sources.filter((source) => source.includes('|'));
    if (computed.length > 0) {
      compilation.errors.push(new Error(`${name}: write each import out (${computed.join(', ')})`));
    }
  }
}

/** Looks at the scripts of a build for production as they are written. */
const checked = {
  apply: (compiler) =>
    compiler.hooks.compilation.tap('checked', (compilation) =>
      compilation.hooks.afterProcessAssets.tap('checked', () => {
        measure(compilation);
        refuseReact(compilation);
        refuseComputedImports(compilation);
      })
    ),
};

export default (_env, { mode }) => {
  const production = mode === 'production';
  return {
    mode,
    context: path.join(root, 'src'),
    entry: { module: './module.ts' },
    externals: shared,
    externalsType: 'amd',
    devtool: production ? 'source-map' : 'cheap-module-source-map',
    resolve: { extensions: ['.ts', '.tsx', '.js'] },
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          exclude: /node_modules/,
          loader: 'builtin:swc-loader',
          options: {
            jsc: {
              target: 'es2020',
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'classic' } },
            },
          },
        },
        { test: /\.svg$/, type: 'asset/resource', generator: { filename: 'img/[name][ext]' } },
      ],
    },
    output: {
      path: path.join(root, 'dist'),
      // The backend's binaries live in dist, too.
      clean: { keep: /gpx_|go_plugin_build_manifest/ },
      filename: '[name].js',
      chunkFilename: production ? '[name].js?_cache=[contenthash]' : '[name].js',
      library: { type: 'amd' },
      publicPath: `public/plugins/${plugin.id}/`,
      uniqueName: plugin.id,
      crossOriginLoading: 'anonymous',
    },
    plugins: [
      new rspack.CopyRspackPlugin({
        patterns: [
          { from: '../plugin.json', to: 'plugin.json', transform: (content) => withBuildMode(fillIn(content), mode) },
          { from: 'README.md', to: 'README.md', transform: fillIn },
          { from: '../CHANGELOG.md', to: 'CHANGELOG.md' },
          { from: '../LICENSE', to: 'LICENSE', toType: 'file' },
          { from: 'img', to: 'img' },
          { from: 'locales', to: 'locales' },
          { from: 'dashboards', to: 'dashboards', noErrorOnMissing: true },
        ],
      }),
      // The checks of the lazily loaded chunks' hashes, so that Grafana's check of module.js covers them.
      ...(production ? [new rspack.SubresourceIntegrityPlugin({ hashFuncNames: ['sha256'] }), checked] : []),
    ],
    performance: { hints: false },
    stats: { preset: 'errors-warnings', assets: true, modules: false },
  };
};
