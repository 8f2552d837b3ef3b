import loadedModule from 'amd-module';

// Lazily loaded chunks come from where module.js came from: a CDN, a sub path, or Grafana itself. The path that the
// build sets stands where the loader does not say.
const address = loadedModule?.uri;
if (address) {
  __webpack_public_path__ = address.slice(0, address.lastIndexOf('/') + 1);
}
