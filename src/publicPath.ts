import loadedModule from 'amd-module';

// Lazily loaded chunks come from where module.js came from: a CDN, a sub path, or Grafana itself. The path that the
// build sets stands where the loader does not say.
if (loadedModule?.uri) {
  __webpack_public_path__ = loadedModule.uri.slice(0, loadedModule.uri.lastIndexOf('/') + 1);
}
