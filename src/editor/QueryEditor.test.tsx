import { CoreApp, LoadingState } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { QueryHelp } from '../help/QueryHelp';
import { clusterDataSource, cpu, memory, query as baseQuery, range } from '../test/fixtures';
import { setVariables } from '../test/templates';
import { type PyrofrontQuery } from '../types';

import { QueryEditor } from './QueryEditor';

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual<object>('@grafana/ui'),
  CodeEditor: jest.requireActual<{ CodeEditor: unknown }>('../test/TextEditor').CodeEditor,
}));

beforeEach(() => {
  setVariables({ env: 'prod' });
  window.localStorage.clear();
});

/** Shows the editor as Grafana does: it holds the query, and the editor changes it. */
async function edit(
  changes: Partial<PyrofrontQuery> = {},
  app: CoreApp = CoreApp.PanelEditor,
  answers: Record<string, () => Promise<unknown>> = {}
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

async function choose(user: ReturnType<typeof userEvent.setup>, label: string, option: string | RegExp) {
  await user.click(screen.getByLabelText(label));
  await user.click(await screen.findByRole('option', { name: option }));
}

async function openOptions(user: ReturnType<typeof userEvent.setup>, queryType?: PyrofrontQuery['queryType']) {
  // Those of a diff without a baseline are open from the start.
  if (queryType !== 'diff') {
    await user.click(screen.getByRole('button', { name: /^Options/ }));
  }
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((onValue) => {
    resolve = onValue;
  });
  return { promise, resolve };
}

describe('the first query', () => {
  it('is CPU of the first service, and runs', async () => {
    const { last, onRunQuery } = await edit({ profileTypeId: '', labelSelector: '{}' });
    await waitFor(() =>
      expect(last()).toEqual({ ...baseQuery, profileTypeId: cpu, labelSelector: '{service_name="cart"}' })
    );
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    expect(last()?.maxNodes).toBeUndefined();
  });

  it('keeps a selector that is there already', async () => {
    const { last } = await edit({ profileTypeId: '', labelSelector: '{region="eu.west"}' });
    await waitFor(() => expect(last()?.profileTypeId).toBe(cpu));
    expect(last()?.labelSelector).toBe('{region="eu.west"}');
  });

  it('adds to what was chosen while it was made', async () => {
    const services = deferred<string[]>();
    const { user, last, resources } = await edit({ profileTypeId: '', labelSelector: '{}' }, CoreApp.Explore, {
      labelValues: () => services.promise,
    });
    await waitFor(() => expect(resources).toHaveBeenCalledWith('labelValues', expect.anything()));
    await choose(user, 'Query type', /^Metrics/);
    await act(async () => services.resolve(['cart']));
    expect(last()).toMatchObject({ queryType: 'metrics', profileTypeId: cpu, labelSelector: '{service_name="cart"}' });
  });

  it('does not take the place of a type that was chosen while it was made', async () => {
    const services = deferred<string[]>();
    const { user, last, resources } = await edit({ profileTypeId: '', labelSelector: '{}' }, CoreApp.Explore, {
      labelValues: () => services.promise,
    });
    await waitFor(() => expect(resources).toHaveBeenCalledWith('labelValues', expect.anything()));
    await choose(user, 'Profile type', /^Memory in use/);
    await act(async () => services.resolve(['cart']));
    expect(last()).toMatchObject({ profileTypeId: memory, labelSelector: '{}' });
  });

  it('is made anew when another data source is chosen meanwhile', async () => {
    const types = deferred<Array<{ id: string }>>();
    const { last, setDataSource } = await edit({ profileTypeId: '', labelSelector: '{}' }, CoreApp.Explore, {
      profileTypes: () => types.promise,
    });
    expect(last()).toBeUndefined();
    await setDataSource(clusterDataSource().datasource);
    await waitFor(() => expect(last()).toMatchObject({ profileTypeId: cpu, labelSelector: '{service_name="cart"}' }));
    await act(async () => types.resolve([{ id: memory }]));
    expect(last()?.profileTypeId).toBe(cpu);
  });

  it('of a trace is of all services', async () => {
    const traceIdSelector = ['4bf92f3577b34da6a3ce929d0e0e4736'];
    const { last } = await edit({ profileTypeId: '', labelSelector: '{}', traceIdSelector });
    await waitFor(() => expect(last()).toMatchObject({ profileTypeId: cpu, labelSelector: '{}', traceIdSelector }));
  });

  it('is not put over a saved query', async () => {
    const { onChange } = await edit();
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('saved queries', () => {
  it('are brought up to date', async () => {
    const { last } = await edit({ groupBy: undefined, labelSelector: undefined });
    expect(last()).toMatchObject({ groupBy: [], labelSelector: '{}' });
  });

  it('of Explore become what a panel can show', async () => {
    const { last } = await edit({ queryType: 'both' }, CoreApp.PanelEditor);
    expect(last()?.queryType).toBe('profile');
  });

  it('become numbers in an alert rule', async () => {
    const { last } = await edit({}, CoreApp.UnifiedAlerting);
    expect(last()?.queryType).toBe('metrics');
  });
});

describe('the profile type', () => {
  it('is chosen by name, in groups, with unit', async () => {
    const { user, last, onRunQuery } = await edit();
    expect(screen.getByLabelText('Profile type')).toHaveValue('CPU time (ns)');
    await user.click(screen.getByLabelText('Profile type'));
    await screen.findByRole('option', { name: /Memory in use/ });
    const groups = screen.getAllByRole('presentation').map((group) => group.textContent);
    expect(groups.join()).toMatch(/CPU.*Memory.*Template variables/);
    await user.click(screen.getByRole('option', { name: /Memory in use \(bytes\)/ }));
    expect(last()?.profileTypeId).toBe(memory);
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('can be a variable', async () => {
    const { user, last } = await edit();
    await choose(user, 'Profile type', '$env');
    expect(last()?.profileTypeId).toBe('$env');
  });

  it('is shown although the range has none of it', async () => {
    await edit({ profileTypeId: 'mutex:delay:nanoseconds:mutex:count' });
    expect(screen.getByLabelText('Profile type')).toHaveValue('Time waiting for locks (ns)');
  });

  it('is one of those that the chosen service has', async () => {
    const { user, resources } = await edit({ labelSelector: '{service_name="cart", pod="x"}' });
    const ofCart = expect.objectContaining({ query: '{service_name="cart"}' });
    expect(resources).toHaveBeenCalledWith('profileTypes', ofCart);
    await choose(user, 'Service', 'checkout');
    const ofCheckout = expect.objectContaining({ query: '{service_name="checkout"}' });
    await waitFor(() => expect(resources).toHaveBeenCalledWith('profileTypes', ofCheckout));
  });

  it('that is typed and that the service does not have is told', async () => {
    const { user, last } = await edit();
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
    await user.type(screen.getByLabelText('Profile type'), 'wall:wall:nanoseconds:wall:nanoseconds{Enter}');
    await waitFor(() => expect(last()?.profileTypeId).toBe('wall:wall:nanoseconds:wall:nanoseconds'));
    expect(screen.getByRole('status')).toHaveTextContent('cart has no profiles of this type in this range');
  });

  it.each([
    ['that there is something of averages', cpu, /^Memory in use/, 'average'],
    ['that something happens of sums', memory, /^CPU time/, undefined],
  ])('%s in a new query', async (_name, before, option, expected) => {
    const aggregation = before === memory ? 'average' : undefined;
    const { user, last } = await edit({ queryType: 'metrics', profileTypeId: before, aggregation });
    await choose(user, 'Profile type', option);
    expect(last()?.aggregation).toBe(expected);
  });

  it('of a saved query keeps its sum', async () => {
    const { onChange } = await edit({ queryType: 'metrics', profileTypeId: memory });
    expect(onChange).not.toHaveBeenCalled();
  });

  it('shows why there is nothing to choose from', async () => {
    const down = () => Promise.reject({ data: { message: 'metastore is down' } });
    await edit({}, CoreApp.PanelEditor, { profileTypes: down });
    expect(await screen.findByText(/cannot be loaded: metastore is down/)).toBeInTheDocument();
  });
});

describe('the service', () => {
  it('is a matcher of the selector', async () => {
    const { user, last, resources } = await edit({ labelSelector: '{service_name="cart", pod="cart-1"}' });
    await choose(user, 'Service', 'checkout');
    expect(last()?.labelSelector).toBe('{service_name="checkout", pod="cart-1"}');
    expect(resources).toHaveBeenCalledWith(
      'labelValues',
      expect.objectContaining({ label: 'service_name', query: `{__profile_type__="${cpu}", pod="cart-1"}` })
    );
  });

  it('can be taken away', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByTitle('Clear value'));
    expect(last()?.labelSelector).toBe('{}');
    expect(screen.getByPlaceholderText('All services')).toBeInTheDocument();
  });

  it('says so when filters choose it', async () => {
    await edit({ labelSelector: '{service_name=~"c.*"}' });
    expect(screen.getByPlaceholderText('By label filter')).toBeInTheDocument();
  });
});

describe('the label builder', () => {
  const filter = (number: number) => within(screen.getByRole('group', { name: `Label filter ${number}` }));

  it('adds a filter by choosing', async () => {
    const { user, last, onChange } = await edit();
    await user.click(screen.getByRole('button', { name: 'Add a label filter' }));
    expect(filter(1).getByLabelText('Label')).toHaveFocus();
    await user.click(filter(1).getByLabelText('Label'));
    await user.click(await screen.findByRole('option', { name: 'region' }));
    expect(onChange).not.toHaveBeenCalled();
    await user.click(filter(1).getByLabelText('Value'));
    await user.click(await screen.findByRole('option', { name: 'eu.west' }));
    expect(last()?.labelSelector).toBe('{service_name="cart", region="eu.west"}');
  });

  it('changes the comparison, and the value with it', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west"}' });
    await user.click(filter(1).getByLabelText('Comparison'));
    await user.click(await screen.findByRole('option', { name: /^=~/ }));
    expect(last()?.labelSelector).toBe('{region=~"eu\\\\.west"}');
    await user.click(filter(1).getByLabelText('Value'));
    await user.click(await screen.findByRole('option', { name: 'us.east' }));
    expect(last()?.labelSelector).toBe('{region=~"eu\\\\.west|us\\\\.east"}');
  });

  it('removes a filter', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west", pod="x"}' });
    await user.click(screen.getByRole('button', { name: 'Remove the filter region' }));
    expect(last()?.labelSelector).toBe('{pod="x"}');
    expect(screen.getByRole('button', { name: 'Add a label filter' })).toHaveFocus();
  });

  it('follows the query', async () => {
    const { setFromOutside } = await edit({ labelSelector: '{region="eu.west"}' });
    setFromOutside({ ...baseQuery, labelSelector: '{pod!="y"}' });
    expect(filter(1).getByLabelText('Label')).toHaveValue('pod');
    expect(filter(1).getByLabelText('Comparison')).toHaveValue('!=');
    expect(filter(1).getByLabelText('Value')).toHaveValue('y');
  });
});

describe('the code mode', () => {
  it('is in sync with the builder', async () => {
    const { user, last } = await edit({ labelSelector: '{region="eu.west"}' });
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    const code = screen.getByRole('textbox', { name: 'Labels' });
    expect(code).toHaveValue('{region="eu.west"}');
    fireEvent.change(code, { target: { value: '{pod="cart-2"}' } });
    expect(last()?.labelSelector).toBe('{pod="cart-2"}');
    await user.click(screen.getByRole('radio', { name: 'Builder' }));
    expect(screen.getByRole('group', { name: 'Label filter 1' })).toBeInTheDocument();
    expect(screen.getByLabelText('Label')).toHaveValue('pod');
  });

  it('is how the next editor begins', async () => {
    const { user } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    await edit();
    expect(screen.getAllByRole('textbox', { name: 'Labels' })).toHaveLength(2);
  });

  it('says what is wrong while typing, and keeps the text', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Labels' }), { target: { value: '{pod="x"' } });
    expect(screen.getByRole('alert')).toHaveTextContent('The closing brace } is missing.');
    expect(screen.getByRole('radio', { name: 'Builder' })).toBeDisabled();
    expect(last()?.labelSelector).toBe('{pod="x"');
  });

  it('can be emptied to write anew', async () => {
    const { user, last } = await edit();
    await user.click(screen.getByRole('radio', { name: 'Code' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Labels' }), { target: { value: '' } });
    expect(last()?.labelSelector).toBe('');
    expect(screen.getByRole('textbox', { name: 'Labels' })).toHaveValue('');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByPlaceholderText('All services')).toBeInTheDocument();
  });

  it('is shown for a selector that the builder cannot show', async () => {
    await edit({ labelSelector: '{$filters}' });
    expect(screen.getByRole('textbox', { name: 'Labels' })).toHaveValue('{$filters}');
  });
});

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

describe('annotations', () => {
  it('are edited by choosing profiles only', async () => {
    const { datasource } = clusterDataSource();
    const AnnotationQueryEditor = datasource.annotations!.QueryEditor!;
    const onChange = jest.fn();
    render(<AnnotationQueryEditor {...{ datasource, range, onChange, query: baseQuery }} onRunQuery={() => {}} />);
    expect(await screen.findByLabelText('Profile type')).toBeInTheDocument();
    expect(screen.getByLabelText('Service')).toBeInTheDocument();
    expect(screen.queryByLabelText('Query type')).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /^Options/ })).not.toBeInTheDocument();
    expect(screen.getByText(/sampled or throttled the profiles/)).toBeInTheDocument();
    await act(async () => {});
  });

  it('say why there are none', async () => {
    const { datasource } = clusterDataSource();
    const AnnotationQueryEditor = datasource.annotations!.QueryEditor!;
    const common = { datasource, range, onChange: jest.fn(), query: baseQuery, onRunQuery: () => {} };
    const data = { state: LoadingState.Done, series: [], timeRange: range };
    const { rerender } = render(<AnnotationQueryEditor {...common} data={data} />);
    expect(await screen.findByText(/none in this range/)).toBeInTheDocument();
    rerender(<AnnotationQueryEditor {...common} data={{ ...data, errors: [{ message: 'metastore is down' }] }} />);
    expect(screen.getByText(/metastore is down/)).toBeInTheDocument();
    await act(async () => {});
  });
});

describe('an example of the help', () => {
  it('runs once it is the query', async () => {
    const { user, onRunQuery, setFromOutside } = await edit();
    // As Grafana does, which runs nothing.
    const onClickExample = (example: DataQuery) =>
      setFromOutside({ ...(example as PyrofrontQuery), refId: 'A', datasource: { uid: 'profiles' } });
    render(<QueryHelp query={baseQuery} onClickExample={onClickExample} />);
    await user.click(screen.getByRole('button', { name: /Which service uses the most/ }));
    expect(screen.getByLabelText('Query type')).toHaveValue('Metrics');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    setFromOutside({ ...baseQuery, queryType: 'metrics' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });
});

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

describe('the keyboard', () => {
  it('runs the query with Shift+Enter from any field', async () => {
    const { user, onRunQuery, onChange } = await edit();
    await openOptions(user);
    await user.click(screen.getByLabelText(/^Call site/));
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    expect(onChange).not.toHaveBeenCalled();
  });

  it.each(['{Enter}', '{Tab}'])('takes the first match of what is typed with %s, at any speed', async (key) => {
    const { user, last } = await edit({ labelSelector: '{}' });
    await user.type(screen.getByLabelText('Service'), `check${key}`);
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="checkout"}'));
  });

  it('takes the first match once the options are there', async () => {
    const { user, last } = await edit({ labelSelector: '{}' });
    await user.type(screen.getByLabelText('Service'), 'check');
    const options = await screen.findAllByRole('option');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(options[0]).toHaveTextContent('checkout');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="checkout"}'));
  });

  it('takes what is typed where nothing matches, and last where something does', async () => {
    const { user, last } = await edit({ labelSelector: '{}' });
    const service = screen.getByLabelText('Service');
    await user.type(service, 'c');
    await waitFor(() =>
      expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['cart', 'checkout', 'c'])
    );
    await user.clear(service);
    await user.type(service, 'new{Enter}');
    await waitFor(() => expect(last()?.labelSelector).toBe('{service_name="new"}'));
  });

  it('changes nothing when it passes through an open list', async () => {
    const { user, onChange } = await edit();
    await user.click(screen.getByLabelText('Service'));
    await screen.findByRole('option', { name: 'checkout' });
    await user.tab();
    await user.click(screen.getByLabelText('Service'));
    await screen.findByRole('option', { name: 'checkout' });
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
  });

  describe('in a field of several values', () => {
    const chosen = '{region=~"eu\\\\.west"}';
    const both = '{region=~"eu\\\\.west|us\\\\.east"}';
    const several = () =>
      within(screen.getByRole('group', { name: 'Label filter 1' })).getByRole('combobox', { name: 'Value' });

    it.each(['{Enter}', '{Tab}'])('takes the first match with %s, at any speed, and empties the field', async (key) => {
      const { user, last } = await edit({ labelSelector: chosen });
      const value = several();
      await user.type(value, `us${key}`);
      await waitFor(() => expect(last()?.labelSelector).toBe(both));
      expect(value).toHaveValue('');
      expect(value).toHaveAttribute('aria-expanded', String(key === '{Enter}'));
    });

    it('takes the first match with Tab once the options are there', async () => {
      const { user, last } = await edit({ labelSelector: chosen });
      const value = several();
      await user.type(value, 'us');
      await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
      await user.tab();
      await waitFor(() => expect(last()?.labelSelector).toBe(both));
      expect(value).toHaveValue('');
      expect(value).toHaveAttribute('aria-expanded', 'false');
    });

    it('takes with Tab what the arrow keys are on', async () => {
      const { user, last } = await edit({ labelSelector: chosen });
      await user.type(several(), 'u');
      await waitFor(() => expect(screen.getAllByRole('option').at(-1)).toHaveTextContent(/^u$/));
      await user.keyboard('{ArrowUp}');
      await user.tab();
      await waitFor(() => expect(last()?.labelSelector).toMatch(/\|u"}$/));
    });

    it('keeps with Tab what was chosen before and the arrow keys are on', async () => {
      const { user, onChange } = await edit({ labelSelector: chosen });
      await user.type(several(), 'eu');
      const option = await screen.findByRole('option', { name: 'eu.west' });
      await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
      await user.keyboard('{ArrowDown}');
      if (option.getAttribute('aria-selected') !== 'true') {
        await user.keyboard('{ArrowDown}');
      }
      expect(option).toHaveAttribute('aria-selected', 'true');
      await user.tab();
      await act(async () => {});
      for (const [query] of onChange.mock.calls) {
        expect(query.labelSelector).toBe(chosen);
      }
    });

    it('keeps with Tab what was chosen before', async () => {
      const { user, onChange } = await edit({ labelSelector: chosen });
      await user.type(several(), 'eu');
      await screen.findByRole('option', { name: 'eu.west' });
      await user.tab();
      await act(async () => {});
      for (const [query] of onChange.mock.calls) {
        expect(query.labelSelector).toBe(chosen);
      }
    });
  });

  it('reaches the fields in their order', async () => {
    const { user } = await edit({ labelSelector: '{}' });
    for (const name of ['Profile type', 'Service', 'Query type', 'Add a label filter', 'Builder', 'Options Defaults']) {
      await user.tab();
      expect(document.activeElement).toHaveAccessibleName(name);
    }
  });

  it('finds every field named', async () => {
    const { user } = await edit({ queryType: 'both', labelSelector: '{pod="x"}' }, CoreApp.Explore);
    await openOptions(user);
    const fields = [...document.querySelectorAll('input, textarea, button, [role="combobox"]')];
    expect(fields.length).toBeGreaterThan(15);
    for (const field of fields) {
      expect(field).toHaveAccessibleName();
    }
  });
});
