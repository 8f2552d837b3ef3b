import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { type PyrofrontOptions } from '../types';

import { SymbolsSection } from './SymbolsSection';

const get = jest.fn();

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  getBackendSrv: () => ({ get }),
}));

async function edit(saved: PyrofrontOptions = {}, readOnly = false) {
  let current = saved;
  function Host() {
    const [jsonData, setJSONData] = useState(saved);
    const onChange = (changes: Partial<PyrofrontOptions>) => {
      current = { ...current, ...changes };
      setJSONData(current);
    };
    return <SymbolsSection uid="profiles" jsonData={jsonData} onChange={onChange} readOnly={readOnly} />;
  }
  render(<Host />);
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: /^Expand/ }));
  return { user, settings: () => current };
}

function type(label: RegExp, value: string) {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

it('takes servers, one a line, and says which is no URL', async () => {
  const { settings } = await edit();
  type(/^Debuginfod servers/, 'https://a.example.org\n\n http://b.example.org:8002 \n');
  expect(settings().debuginfodUrls).toEqual(['https://a.example.org', 'http://b.example.org:8002']);
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  type(/^Debuginfod servers/, 'https://a.example.org\nb.example.org');
  expect(screen.getByRole('alert')).toHaveTextContent('b.example.org');
  type(/^Debuginfod servers/, 'https://me:secret@a.example.org');
  expect(screen.getByRole('alert')).not.toHaveTextContent('secret');
  type(/^Debuginfod servers/, '');
  expect(settings().debuginfodUrls).toBeUndefined();
});

it('takes the bounds', async () => {
  const { user, settings } = await edit();
  type(/^Patience/, '5s');
  type(/^Largest debug file/, '1000');
  type(/^Memory for names/, '2000');
  type(/^Folder for debug files/, '/var/cache');
  type(/^Size of the folder/, '3000');
  await user.click(screen.getByLabelText(/^Send credentials/));
  expect(settings()).toEqual({
    symbolTimeout: '5s',
    symbolMaxBytes: 1000,
    symbolCacheMaxBytes: 2000,
    symbolCacheDir: '/var/cache',
    symbolCacheDirMaxBytes: 3000,
    debuginfodAuth: true,
  });
  type(/^Folder for debug files/, 'cache');
  expect(screen.getByRole('alert')).toHaveTextContent('starts with /');
});

it('asks the saved servers', async () => {
  const { user } = await edit();
  get.mockResolvedValueOnce([
    { url: 'https://a', ok: true, milliseconds: 12.4 },
    { url: 'https://b', ok: false, milliseconds: 1, error: 'HTTP 403' },
  ]);
  await user.click(screen.getByRole('button', { name: /^Test/ }));
  expect(get).toHaveBeenCalledWith('/api/datasources/uid/profiles/resources/symbolServers');
  expect(await screen.findByText('https://a answers in 12 ms.')).toBeInTheDocument();
  expect(screen.getByText('https://b: HTTP 403')).toBeInTheDocument();
  get.mockRejectedValueOnce({ data: { message: 'the data source is not set up' } });
  await user.click(screen.getByRole('button', { name: /^Test/ }));
  expect(await screen.findByText('the data source is not set up')).toBeInTheDocument();
});
