import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';
import { TextDecoder, TextEncoder } from 'node:util';

// What a test waits for comes when it comes, however slow the machine.
configure({ asyncUtilTimeout: 30_000 });

// Monaco needs a real browser.
jest.mock('@grafana/ui', () => ({
  ...jest.requireActual<object>('@grafana/ui'),
  CodeEditor: jest.requireActual<{ CodeEditor: unknown }>('./src/test/TextEditor').CodeEditor,
}));

// What @grafana/ui asks of a browser and jsdom does not have.
Object.assign(globalThis, { TextDecoder, TextEncoder });

Object.defineProperty(globalThis, 'matchMedia', {
  writable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
    dispatchEvent: () => false,
  }),
});

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}
Object.assign(globalThis, { ResizeObserver: NoObserver, IntersectionObserver: NoObserver });

// Combobox measures its text on a canvas.
HTMLCanvasElement.prototype.getContext = (() => ({
  measureText: (text: string) => ({ width: 8 * text.length }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;

// The option lists of Combobox are virtual: with no height they would show nothing.
for (const side of ['clientHeight', 'clientWidth', 'offsetHeight', 'offsetWidth']) {
  Object.defineProperty(HTMLElement.prototype, side, { get: () => 400 });
}
