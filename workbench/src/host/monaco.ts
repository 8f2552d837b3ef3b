/** The code editor's worker, which looks for words and links, and compares texts. */
Object.assign(window, {
  MonacoEnvironment: {
    getWorker: () => new Worker(new URL('monaco-editor/esm/vs/editor/editor.worker.js', import.meta.url)),
  },
});

export {};
