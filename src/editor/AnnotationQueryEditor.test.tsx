import { LoadingState } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import React from 'react';

import { clusterDataSource, query as baseQuery, range } from '../test/fixtures';

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
