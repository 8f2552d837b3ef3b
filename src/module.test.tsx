import { render, screen } from '@testing-library/react';
import React, { type ComponentType } from 'react';

import { plugin } from './module';
import { clusterDataSource, query, range } from './test/fixtures';
import { setVariables } from './test/templates';

jest.mock('amd-module', () => ({ uri: 'https://cdn.example/plugins/pyrofront/1.0.0/module.js' }), { virtual: true });
it('shows each editor after its code was loaded', async () => {
  setVariables({});
  const { datasource } = clusterDataSource();
  const { QueryEditor, QueryEditorHelp } = plugin.components;
  const Help = QueryEditorHelp as unknown as ComponentType<Record<string, unknown>>;
  const Editor = QueryEditor as unknown as ComponentType<Record<string, unknown>>;
  render(<Help query={query} datasource={datasource} onClickExample={() => {}} />);
  render(<Editor query={query} datasource={datasource} range={range} onChange={() => {}} onRunQuery={() => {}} />);
  expect(screen.getAllByText('Loading…')).toHaveLength(2);
  expect(await screen.findByText('Profiles by example')).toBeInTheDocument();
  expect(await screen.findByLabelText('Profile type')).toBeInTheDocument();
  expect(plugin.components.ConfigEditor).toBeDefined();
  expect(datasource.variables?.getType()).toBe('custom');
});

it('loads its chunks from where it came from', () => {
  expect(globalThis.__webpack_public_path__).toBe('https://cdn.example/plugins/pyrofront/1.0.0/');
});
