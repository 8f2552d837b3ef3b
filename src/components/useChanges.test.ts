import { renderHook } from '@testing-library/react';

import { useChanges } from './useChanges';

interface Value {
  type: string;
  groups?: string[];
}

function show(value: Value) {
  const onChange = jest.fn<void, [Value]>();
  return { onChange, ...renderHook((props) => useChanges(props, onChange), { initialProps: value }) };
}

it('passes on a change once, however often and from whenever it is told', () => {
  const { result, rerender, onChange } = show({ type: 'a' });
  const past = result.current;
  expect(past({ type: 'b' })).toBe(true);
  expect(past({ type: 'b' })).toBe(false);
  rerender({ type: 'b' });
  expect(past({ type: 'b' })).toBe(false);
  expect(result.current({ type: 'b' })).toBe(false);
  expect(onChange.mock.calls).toEqual([[{ type: 'b' }]]);
});

it('adds to changes that are not drawn yet, and to those of others', () => {
  const { result, rerender, onChange } = show({ type: 'a' });
  result.current({ type: 'b' });
  result.current({ groups: ['x'] });
  expect(onChange).toHaveBeenLastCalledWith({ type: 'b', groups: ['x'] });
  rerender({ type: 'c', groups: ['y'] });
  result.current({ groups: undefined });
  expect(onChange).toHaveBeenLastCalledWith({ type: 'c' });
});

it('completes what it merged', () => {
  const onChange = jest.fn();
  const settle = ({ type }: Value): Value => ({ type, groups: [type] });
  const { result } = renderHook(() => useChanges<Value>({ type: 'a' }, onChange, settle));
  result.current({ type: 'b' });
  expect(onChange).toHaveBeenCalledWith({ type: 'b', groups: ['b'] });
});
