import { CoreApp } from '@grafana/data';
import { fireEvent, screen } from '@testing-library/react';

import { choose, edit, openOptions } from '../test/editing';
import { query as baseQuery } from '../test/fixtures';
import { type PyrofrontQuery } from '../types';

describe('the options', () => {
  it('are summed up while closed', async () => {
    await edit({ maxNodes: 100, callSite: ['main', 'run'], groupBy: ['pod'] });
    expect(screen.getByRole('button', { name: /^Options/ })).toHaveAccessibleName(
      'Options Max nodes: 100 · Call site: main → run'
    );
  });

  it('are those of the type', async () => {
    const { user } = await edit();
    await openOptions(user);
    expect(screen.getByLabelText(/^Max nodes/)).toBeInTheDocument();
    expect(screen.queryByLabelText(/^Group by/)).not.toBeInTheDocument();
    await choose(user, 'Query type', /^Metrics/);
    expect(screen.queryByLabelText(/^Max nodes/)).not.toBeInTheDocument();
    expect(screen.getByLabelText(/^Group by/)).toBeInTheDocument();
  });

  it.each<[PyrofrontQuery['queryType'], RegExp, string, Partial<PyrofrontQuery>]>([
    ['profile', /^Max nodes/, '512', { maxNodes: 512 }],
    ['metrics', /^Limit/, '7', { limit: 7 }],
    [
      'profile',
      /^Span ids/,
      '64f170a95f537095, 1111111111111111',
      { spanSelector: ['64f170a95f537095', '1111111111111111'] },
    ],
    ['profile', /^Trace ids/, '$trace', { traceIdSelector: ['$trace'] }],
    [
      'profile',
      /^Profile ids/,
      '7c9e6679-7425-40de-944b-e07fc1f90ae7',
      { profileIdSelector: ['7c9e6679-7425-40de-944b-e07fc1f90ae7'] },
    ],
    ['profile', /^Call site/, 'main.main\nstd::map<a, b>', { callSite: ['main.main', 'std::map<a, b>'] }],
    ['topFunctions', /^Functions/, 'gc.*', { functions: 'gc.*' }],
    ['metrics', /^Legend/, '{{pod}}', { legendFormat: '{{pod}}' }],
    ['diff', /^Baseline selector/, '{pod="x"}', { diff: { labelSelector: '{pod="x"}' } }],
    ['diff', /^Baseline from/, '5', { diff: { from: '5' } }],
    ['diff', /^Baseline to/, '9', { diff: { to: '9' } }],
  ])('%s: %s takes %s', async (queryType, label, text, expected) => {
    const { user, last } = await edit({ queryType });
    await openOptions(user, queryType);
    fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
    expect(last()).toEqual({ ...baseQuery, queryType, ...expected });
  });

  it.each<[PyrofrontQuery['queryType'], RegExp, string, RegExp]>([
    ['profile', /^Max nodes/, '-1', /whole number/],
    ['profile', /^Max nodes/, '1.5', /whole number/],
    ['profile', /^Span ids/, 'xyz', /no span id/],
    ['profile', /^Trace ids/, '64f170a95f537095', /no trace id/],
    ['profile', /^Profile ids/, '1', /no profile id/],
    ['topFunctions', /^Functions/, 'a(', /Not a regular expression/],
    ['diff', /^Baseline selector/, '{pod=', /value of pod is missing/],
    ['diff', /^Baseline from/, '5', /both ends/],
  ])('%s: %s says what is wrong with %s', async (queryType, label, text, problem) => {
    const { user } = await edit({ queryType });
    await openOptions(user, queryType);
    fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
    expect(screen.getByRole('alert')).toHaveTextContent(problem);
  });

  it.each<[Partial<PyrofrontQuery>, string]>([
    [{ queryType: 'metrics' }, 'No limit'],
    [{ queryType: 'heatmap' }, '10'],
    [{ queryType: 'topFunctions' }, '100'],
    [{ queryType: 'topFunctions', functions: 'gc.*' }, 'No limit'],
  ])('of %j without a limit say that it is %s', async (changes, preset) => {
    const { user } = await edit(changes);
    await openOptions(user);
    expect(screen.getByLabelText(/^Limit/)).toHaveAttribute('placeholder', preset);
  });

  it('of functions over time without names are of self, and of total with them', async () => {
    const { user, last } = await edit();
    await choose(user, 'Query type', /^Functions over time/);
    expect(last()).toMatchObject({ queryType: 'functionSeries', measure: 'self' });
    expect(screen.getByRole('button', { name: /^Options/ })).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByRole('radio', { name: 'Self' })).toBeChecked();
    expect(screen.getByText(/the 10 are shown in which/)).toBeInTheDocument();
    await user.click(screen.getByRole('radio', { name: 'Total' }));
    expect(screen.getByText(/largest by total are the roots of stacks/)).toBeInTheDocument();
    fireEvent.change(screen.getByLabelText('Functions'), { target: { value: 'gc.*' } });
    expect(screen.queryByText(/roots of stacks, such as main/)).not.toBeInTheDocument();
    expect(last()).toMatchObject({ functions: 'gc.*', measure: 'total' });
  });

  it('of a rule on functions over time say which are watched, and keep what was saved', async () => {
    const { user, last, onChange } = await edit({ queryType: 'functionSeries' }, CoreApp.UnifiedAlerting);
    expect(onChange).not.toHaveBeenCalled();
    const hint = screen.getByText(/it watches the 10 that are the largest by Total/);
    expect(hint).toHaveTextContent(/roots of stacks/);
    fireEvent.change(screen.getByLabelText('Functions'), { target: { value: 'gc.*' } });
    expect(last()).not.toHaveProperty('measure');
    await user.clear(screen.getByLabelText('Functions'));
    expect(last()).toMatchObject({ measure: 'self' });
  });

  it('keeps no number that is none', async () => {
    const { user, onChange } = await edit({ maxNodes: 10 });
    await openOptions(user);
    const field = screen.getByLabelText(/^Max nodes/);
    fireEvent.change(field, { target: { value: '10x' } });
    expect(onChange).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: '' } });
    expect(onChange.mock.lastCall?.[0].maxNodes).toBeUndefined();
  });

  it('groups by labels', async () => {
    const { user, last, onRunQuery } = await edit({ queryType: 'metrics' });
    await openOptions(user);
    await user.click(screen.getByLabelText(/^Group by/));
    await user.click(await screen.findByRole('option', { name: 'pod' }));
    expect(last()?.groupBy).toEqual(['pod']);
    expect(onRunQuery).toHaveBeenCalled();
  });

  it('chooses aggregation, exemplars and annotations', async () => {
    const { user, last } = await edit({ queryType: 'metrics' });
    await openOptions(user);
    expect(screen.getByRole('radio', { name: 'Sum' })).toBeChecked();
    await user.click(screen.getByRole('radio', { name: 'Profiles' }));
    await user.click(screen.getByLabelText(/^Annotations/));
    expect(last()).toMatchObject({ exemplars: 'individual', annotations: true });
    await user.click(screen.getByRole('radio', { name: 'Average' }));
    expect(last()).toMatchObject({ aggregation: 'average', annotations: true });
    expect(last()).not.toHaveProperty('exemplars');
    expect(screen.queryByRole('radio', { name: 'Profiles' })).not.toBeInTheDocument();
  });

  it('offers exemplars of spans for heat maps only', async () => {
    const { user, last } = await edit({ queryType: 'heatmap' });
    await openOptions(user);
    await user.click(screen.getByRole('radio', { name: 'Spans' }));
    expect(last()?.exemplars).toBe('span');
    await choose(user, 'Query type', /^Metrics/);
    expect(screen.queryByRole('radio', { name: 'Spans' })).not.toBeInTheDocument();
    expect(last()).not.toHaveProperty('exemplars');
  });
});

describe('what is typed', () => {
  it.each<[PyrofrontQuery['queryType'], RegExp, string]>([
    ['metrics', /^Limit/, '7'],
    ['profile', /^Max nodes/, '100'],
    ['topFunctions', /^Functions/, 'gc.*'],
    ['profile', /^Trace ids/, '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['metrics', /^Legend/, '{{{{pod}}'],
  ])('%s: %s runs with Enter, and on leaving the field', async (queryType, label, text) => {
    const { user, onRunQuery } = await edit({ queryType });
    await openOptions(user);
    const field = screen.getByLabelText(label);
    await user.type(field, text);
    expect(onRunQuery).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await user.tab();
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await user.clear(field);
    await user.tab();
    expect(onRunQuery).toHaveBeenCalledTimes(2);
  });

  it('runs once it is right', async () => {
    const { user, onRunQuery } = await edit({ queryType: 'diff', diff: { labelSelector: '{pod="x"}' } });
    await openOptions(user);
    await user.type(screen.getByLabelText(/^Baseline from/), '5{Enter}');
    await user.tab();
    expect(onRunQuery).not.toHaveBeenCalled();
    await user.type(screen.getByLabelText(/^Baseline to/), '9');
    await user.tab();
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });
});
