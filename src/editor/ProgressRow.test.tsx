import { createDataFrame, LoadingState, type PanelData } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import React from 'react';

import { range } from '../test/fixtures';
import { type Progress } from '../types';

import { ProgressRow } from './ProgressRow';

function data(progress: Progress | undefined, state = LoadingState.Loading): PanelData {
  const frame = createDataFrame({ refId: 'A', meta: { custom: { progress } }, fields: [] });
  return { state, series: [createDataFrame({ refId: 'B', fields: [] }), frame], timeRange: range };
}

const spoken = () => document.querySelector('[aria-live="polite"]')?.textContent;
const bar = () => screen.queryByRole('progressbar', { name: 'Reading profiles' });

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('says how much there is, and counts down what is left', () => {
  render(<ProgressRow refId="A" data={data({ done: 456_000_000, total: 1_200_000_000, secondsLeft: 11.4 })} />);
  expect(bar()).toHaveAttribute('aria-valuenow', '38');
  expect(bar()).toHaveAttribute('aria-valuetext', '38 % of 1.2 GB, newest first, about 12 s left');
  expect(screen.getByText('38 % of 1.2 GB, newest first, about 12 s left')).toBeInTheDocument();
  act(() => jest.advanceTimersByTime(4000));
  expect(bar()).toHaveAttribute('aria-valuetext', expect.stringContaining('about 8 s left'));
  act(() => jest.advanceTimersByTime(60_000));
  expect(bar()).toHaveAttribute('aria-valuetext', expect.stringContaining('about 1 s left'));
});

it('says minutes, or nothing, of how long it takes', () => {
  const { rerender } = render(
    <ProgressRow refId="A" data={data({ done: 15_000, total: 1_500_000, secondsLeft: 100 })} />
  );
  expect(bar()).toHaveAttribute('aria-valuetext', '1 % of 1.5 MB, newest first, about 2 min left');
  rerender(<ProgressRow refId="A" data={data({ done: 1_500_000, total: 1_500_000 })} />);
  expect(bar()).toHaveAttribute('aria-valuetext', '99 % of 1.5 MB, newest first');
});

it.each([
  ['whole', data(undefined)],
  ['another query’s', { ...data({ done: 1, total: 2 }), series: [] }],
  ['cancelled', data({ done: 1, total: 2 }, LoadingState.Done)],
  ['not begun', data({ done: 0, total: 0 })],
  ['not there', undefined],
])('is not there where an answer is %s', (_, of) => {
  render(<ProgressRow refId="A" data={of} />);
  expect(bar()).not.toBeInTheDocument();
});

it('is read aloud by quarters, and at its end', () => {
  const at = (done: number) => data({ done, total: 100 });
  const { rerender } = render(<ProgressRow refId="A" data={data(undefined, LoadingState.Done)} />);
  expect(spoken()).toBeUndefined(); // nobody waited for anything
  rerender(<ProgressRow refId="A" data={at(3)} />);
  expect(spoken()).toBe('Reading profiles');
  rerender(<ProgressRow refId="A" data={at(30)} />);
  expect(spoken()).toBe('Reading profiles: 25 %');
  rerender(<ProgressRow refId="A" data={at(49)} />);
  expect(spoken()).toBe('Reading profiles: 25 %');
  rerender(<ProgressRow refId="A" data={at(100)} />);
  expect(spoken()).toBe('Reading profiles: 75 %');
  rerender(<ProgressRow refId="A" data={data(undefined, LoadingState.Done)} />);
  expect(spoken()).toBe('All profiles are read.');
  // A refresh that takes no time.
  rerender(<ProgressRow refId="A" data={data(undefined, LoadingState.Loading)} />);
  rerender(<ProgressRow refId="A" data={data(undefined, LoadingState.Done)} />);
  expect(spoken()).toBeUndefined();
});

it.each([
  ['fails', LoadingState.Error, 'The profiles could not be read.'],
  ['begins anew', LoadingState.Loading, undefined],
])('tells when it %s', (_, state, expected) => {
  const { rerender } = render(<ProgressRow refId="A" data={data({ done: 1, total: 2 })} />);
  rerender(<ProgressRow refId="A" data={data(undefined, state)} />);
  expect(spoken()).toBe(expected);
});

it('tells nothing of an answer that is left at a part', () => {
  const part = { done: 1, total: 2 };
  const { rerender } = render(<ProgressRow refId="A" data={data(part)} />);
  rerender(<ProgressRow refId="A" data={data(part, LoadingState.Done)} />);
  expect(spoken()).toBeUndefined();
});
