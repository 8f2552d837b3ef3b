import { CoreApp, LoadingState, type PanelData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { act, render, screen, waitFor } from '@testing-library/react';
import React from 'react';

import { QueryHelp } from '../help/QueryHelp';
import { choose, deferred, edit } from '../test/editing';
import { clusterDataSource, cpu, memory, query as baseQuery, range } from '../test/fixtures';
import { type PyrofrontQuery } from '../types';

/** What a panel had for an answer last. */
const dataIn = (panelPluginId: string | undefined) =>
  ({ state: LoadingState.Done, series: [], timeRange: range, request: { panelPluginId } }) as unknown as PanelData;

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

  it.each<[string | undefined, PyrofrontQuery['queryType']]>([
    ['timeseries', 'metrics'],
    ['heatmap', 'heatmap'],
    ['flamegraph', 'profile'],
    ['somebodys-panel', 'profile'],
    [undefined, 'profile'],
  ])('in a panel %s is %s', async (panel, queryType) => {
    const { last } = await edit({ profileTypeId: '', labelSelector: '{}' }, CoreApp.PanelEditor, {}, dataIn(panel));
    await waitFor(() => expect(last()).toMatchObject({ queryType, profileTypeId: cpu }));
  });

  it('is of the type that was chosen, whatever draws it', async () => {
    const first = { profileTypeId: '', labelSelector: '{}', queryType: 'plan' as const };
    const { last } = await edit(first, CoreApp.PanelEditor, {}, dataIn('timeseries'));
    await waitFor(() => expect(last()).toMatchObject({ queryType: 'plan', profileTypeId: cpu }));
  });

  it('is not put over a saved query', async () => {
    const { onChange } = await edit();
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('a panel that cannot draw the query', () => {
  it('is told, and a click makes it a query that the panel draws', async () => {
    const { user, last, onRunQuery } = await edit({ limit: 5 }, CoreApp.PanelEditor, {}, dataIn('timeseries'));
    expect(screen.getByRole('status')).toHaveTextContent(/Flame graph: the panel “Time series” cannot draw this/);
    await user.click(screen.getByRole('button', { name: 'Switch to Metrics' }));
    expect(last()).toMatchObject({ queryType: 'metrics' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole('button', { name: /^Switch to/ })).not.toBeInTheDocument();
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
