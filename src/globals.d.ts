/** The module loader's description of the module that is being loaded (AMD's `module`). */
declare module 'amd-module' {
  const loadedModule: { uri?: string } | undefined;
  export default loadedModule;
}

/** Where the bundle loads its chunks from; set once, before the first lazy import. */
// eslint-disable-next-line no-var
declare var __webpack_public_path__: string;

declare module '*.svg' {
  const address: string;
  export default address;
}
