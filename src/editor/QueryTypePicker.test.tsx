import { CoreApp } from '@grafana/data';
import { screen, within } from '@testing-library/react';

import { choose, edit, openOptions } from '../test/editing';

describe('the query type', () => {
  it.each([
    ['Metrics', 'metrics'],
    ['Top functions', 'topFunctions'],
    ['Diff', 'diff'],
    ['Heat map', 'heatmap'],
    ['Query plan', 'plan'],
  ])('%s', async (name, queryType) => {
    const { user, last, onRunQuery } = await edit();
    await choose(user, 'Query type', new RegExp(`^${name}`));
    expect(last()?.queryType).toBe(queryType);
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('is a number in an alert rule, of which nothing is drawn', async () => {
    const { user } = await edit({ queryType: 'metrics' }, CoreApp.CloudAlerting);
    await user.click(screen.getByLabelText('Query type'));
    const types = screen.getAllByRole('option').map((option) => option.textContent);
    expect(types).toEqual([expect.stringMatching(/^Metrics/), expect.stringMatching(/^Top functions/)]);
    await user.keyboard('{Escape}');
    await openOptions(user);
    expect(screen.getByLabelText(/^Group by/)).toBeInTheDocument();
    expect(screen.queryByRole('radio', { name: 'Profiles' })).not.toBeInTheDocument();
    expect(screen.queryByLabelText(/^Annotations/)).not.toBeInTheDocument();
  });
});

describe('a diff', () => {
  it('asks for its baseline before it runs', async () => {
    const { user, last } = await edit();
    await choose(user, 'Query type', /^Diff/);
    expect(screen.getByRole('status')).toHaveTextContent('Say what to compare with');
    await choose(user, 'Baseline time shift', '1 day earlier');
    expect(last()?.diff).toEqual({ timeShift: '1d' });
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
  });

  it('shows its options, unless it has its baseline', async () => {
    await edit({ queryType: 'diff', diff: { timeShift: '1w' } });
    expect(screen.queryByLabelText(/^Baseline time shift/)).not.toBeInTheDocument();
    await edit({ queryType: 'diff' });
    expect(screen.getByLabelText(/^Baseline time shift/)).toBeInTheDocument();
  });

  it('takes any duration, and says what is none', async () => {
    const { user, last, onRunQuery } = await edit({ queryType: 'diff' });
    const shift = screen.getByLabelText(/^Baseline time shift/);
    await user.type(shift, '90m{Enter}');
    expect(last()?.diff).toEqual({ timeShift: '90m' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await user.click(screen.getAllByTitle('Clear value').at(-1)!);
    expect(last()?.diff).toBeUndefined();
    await user.type(shift, 'soon{Enter}');
    expect(screen.getByRole('alert')).toHaveTextContent('no duration');
  });
});

describe('a limit', () => {
  it('stays with its query type', async () => {
    const { user, last } = await edit({ queryType: 'metrics', limit: 1 });
    await choose(user, 'Query type', /^Top functions/);
    expect(last()).toMatchObject({ queryType: 'topFunctions', limit: undefined });
    await choose(user, 'Query type', /^Metrics/);
    expect(last()).toMatchObject({ queryType: 'metrics', limit: 1 });
  });
});

describe('a rule on functions', () => {
  it('asks which, and says what it watches', async () => {
    const { user } = await edit({ queryType: 'metrics' }, CoreApp.UnifiedAlerting);
    await choose(user, 'Query type', /^Top functions/);
    expect(screen.getByRole('status')).toHaveTextContent('an instance for each function');
    await user.type(screen.getByLabelText(/^Functions/), 'gc.*{Enter}');
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
  });

  it('of a panel with several values shows them as several', async () => {
    await edit({ queryType: 'metrics', labelSelector: '{service_name=~"(cart|checkout)"}' }, CoreApp.UnifiedAlerting);
    const filter = within(screen.getByRole('group', { name: 'Label filter 1' }));
    // The second is counted: the field has no width here.
    expect(filter.getByText('cart')).toBeInTheDocument();
    expect(filter.queryByText(/cart\|checkout/)).not.toBeInTheDocument();
  });
});
