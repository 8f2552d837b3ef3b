import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { clusterDataSource, cpu, query as panelQuery, range } from '../test/fixtures';
import { setVariables } from '../test/templates';
import { type VariableQuery } from '../types';

import { VariableQueryEditor } from './VariableQueryEditor';

async function edit(query: Partial<VariableQuery>) {
  setVariables({});
  const { datasource, resources } = clusterDataSource();
  let current = { refId: 'V', ...query } as VariableQuery;
  function Host() {
    const [shown, setShown] = useState(current);
    const onChange = (next: VariableQuery) => {
      current = next;
      setShown(next);
    };
    return (
      <VariableQueryEditor
        datasource={datasource}
        query={shown as VariableQuery & typeof panelQuery}
        range={range}
        onChange={onChange}
        onRunQuery={() => {}}
      />
    );
  }
  render(<Host />);
  await act(async () => {});
  return { user: userEvent.setup(), query: () => current, resources };
}

async function choose(user: ReturnType<typeof userEvent.setup>, label: string, option: RegExp) {
  await user.click(screen.getByLabelText(label));
  await user.click(await screen.findByRole('option', { name: option }));
}

it('lists profile types', async () => {
  const { user, query } = await edit({});
  await choose(user, 'List', /^Profile types/);
  expect(query()).toEqual({ refId: 'V', type: 'profileType' });
  expect(screen.queryByLabelText('Label')).not.toBeInTheDocument();
});

it('lists the values of a label that a selector selects', async () => {
  const { user, query, resources } = await edit({ type: 'label' });
  await choose(user, 'List', /^Label values/);
  await choose(user, 'Profile type', /^CPU time/);
  fireEvent.change(screen.getByRole('textbox', { name: 'Selector' }), { target: { value: '{region="eu.west"}' } });
  await choose(user, 'Label', /^pod/);
  expect(query()).toEqual({
    refId: 'V',
    type: 'labelValue',
    profileTypeId: cpu,
    labelSelector: '{region="eu.west"}',
    labelName: 'pod',
  });
  expect(resources).toHaveBeenCalledWith(
    'labelNames',
    expect.objectContaining({ query: `{__profile_type__="${cpu}"}` })
  );
});

it('says what is wrong with the selector', async () => {
  await edit({ type: 'label', labelSelector: '{region=' });
  expect(screen.getByRole('alert')).toHaveTextContent('The value of region is missing');
});

it('lists the profile types of what a selector selects', async () => {
  const { query } = await edit({ type: 'profileType' });
  fireEvent.change(screen.getByRole('textbox', { name: 'Selector' }), {
    target: { value: '{service_name="$service"}' },
  });
  expect(query()).toEqual({ refId: 'V', type: 'profileType', labelSelector: '{service_name="$service"}' });
  expect(screen.queryByLabelText('Profile type')).not.toBeInTheDocument();
});
