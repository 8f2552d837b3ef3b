import { CoreApp, type PanelData } from '@grafana/data';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { QueryEditor } from '../editor/QueryEditor';
import { type PyrofrontQuery } from '../types';

import { clusterDataSource, query as baseQuery, range } from './fixtures';
import { setVariables } from './templates';

/** Each test of a file that edits begins with one variable, and without what was chosen before. */
beforeEach(() => {
  setVariables({ env: 'prod' });
  window.localStorage.clear();
});

/** Shows the editor as Grafana does: it holds the query, and the editor changes it. */
export async function edit(
  changes: Partial<PyrofrontQuery> = {},
  app: CoreApp = CoreApp.PanelEditor,
  answers: Record<string, () => Promise<unknown>> = {},
  data?: PanelData
) {
  const { datasource: first, resources } = clusterDataSource();
  const answer = resources.getMockImplementation()!;
  resources.mockImplementation((path, params) => answers[path]?.() ?? answer(path, params));
  const onChange = jest.fn<void, [PyrofrontQuery]>();
  const onRunQuery = jest.fn();
  let set: (query: PyrofrontQuery) => void = () => {};
  let setDataSource: (datasource: typeof first) => void = () => {};
  function Host() {
    const [query, setQuery] = useState<PyrofrontQuery>({ ...baseQuery, ...changes });
    const [datasource, setShown] = useState(first);
    set = setQuery;
    setDataSource = setShown;
    return (
      <QueryEditor
        datasource={datasource}
        query={query}
        range={range}
        app={app}
        data={data}
        onChange={(next) => {
          onChange(next);
          setQuery(next);
        }}
        onRunQuery={onRunQuery}
      />
    );
  }
  const user = userEvent.setup();
  render(<Host />);
  // The profile types are loaded, and what follows from them is done.
  await waitFor(() => expect(resources).toHaveBeenCalledWith('profileTypes', expect.anything()));
  await act(async () => {});
  return {
    user,
    resources,
    onChange,
    onRunQuery,
    last: () => onChange.mock.lastCall?.[0],
    setFromOutside: (next: PyrofrontQuery) => act(() => set(next)),
    setDataSource: (next: typeof first) => act(async () => setDataSource(next)),
  };
}

/** Chooses an option of a picker. */
export async function choose(user: ReturnType<typeof userEvent.setup>, label: string, option: string | RegExp) {
  await user.click(screen.getByLabelText(label));
  await user.click(await screen.findByRole('option', { name: option }));
}

/** Opens the row of options. */
export async function openOptions(user: ReturnType<typeof userEvent.setup>, queryType?: PyrofrontQuery['queryType']) {
  // Those of a diff without a baseline are open from the start.
  if (queryType !== 'diff') {
    await user.click(screen.getByRole('button', { name: /^Options/ }));
  }
}

/** A promise that a test resolves. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((onValue) => {
    resolve = onValue;
  });
  return { promise, resolve };
}
