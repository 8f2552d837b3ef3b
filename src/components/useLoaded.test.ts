import { act, renderHook } from '@testing-library/react';

import { messageOf, useLoaded } from './useLoaded';

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject, load: () => promise };
}

it('keeps the last value while the next one loads, and drops answers that come too late', async () => {
  const [first, second, third] = [deferred<string>(), deferred<string>(), deferred<string>()];
  const { result, rerender } = renderHook(({ load }) => useLoaded(load), { initialProps: { load: first.load } });
  expect(result.current).toEqual({ loading: true });
  await act(async () => first.resolve('one'));
  expect(result.current).toEqual({ value: 'one', loading: false });
  rerender({ load: second.load });
  expect(result.current).toEqual({ value: 'one', loading: true });
  rerender({ load: third.load });
  await act(async () => third.reject({ data: { message: 'no' } }));
  await act(async () => second.resolve('late'));
  expect(result.current).toEqual({ loading: false, error: 'no' });
});

it.each([
  [new Error('plain'), 'plain'],
  [{ data: { message: 'from the server' }, message: 'status 500' }, 'from the server'],
  [{ data: { error: 'short' } }, 'short'],
  [{ message: 'status 500' }, 'status 500'],
  ['text', 'text'],
])('finds the message of %j', (error, expected) => {
  expect(messageOf(error)).toBe(expected);
});
