import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { optionsFor } from '../query/options';
import { functionsProblem } from '../query/validate';
import { parseSelector } from '../selector/parse';
import { cpu, memory, query } from '../test/fixtures';

import { examples } from './examples';
import { QueryHelp } from './QueryHelp';

function show() {
  const onClickExample = jest.fn();
  const current = { ...query, profileTypeId: memory, datasource: { uid: 'profiles' } };
  render(<QueryHelp query={current} onClickExample={onClickExample} />);
  return { user: userEvent.setup(), onClickExample };
}

it('runs an example with the profile type that is looked at', async () => {
  const { user, onClickExample } = show();
  await user.click(screen.getByRole('button', { name: /Which service uses the most/ }));
  expect(onClickExample).toHaveBeenCalledWith({
    example: true,
    refId: 'A',
    datasource: { uid: 'profiles' },
    queryType: 'metrics',
    profileTypeId: memory,
    labelSelector: '{}',
    groupBy: ['service_name'],
    limit: 10,
  });
});

it('shows the options of an example', () => {
  show();
  expect(screen.getByText(/Metrics · {} · Group by: service_name · Limit: 10/)).toBeInTheDocument();
});

it('runs an example about CPU with CPU', async () => {
  const { user, onClickExample } = show();
  await user.click(screen.getByRole('button', { name: /Where does the CPU time go/ }));
  expect(onClickExample).toHaveBeenCalledWith(expect.objectContaining({ profileTypeId: cpu }));
});

it.each(examples.map((example) => [example.name, example.query] as const))('%s is a good query', (_, example) => {
  expect(parseSelector(example.labelSelector).errors).toEqual([]);
  expect(functionsProblem(example.functions)).toBeUndefined();
  const base = ['queryType', 'profileTypeId', 'labelSelector', 'groupBy'];
  const options = Object.keys(example).filter((field) => !base.includes(field));
  expect(optionsFor(example.queryType)).toEqual(expect.arrayContaining(options));
});
