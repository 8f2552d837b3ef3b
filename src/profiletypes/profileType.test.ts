import table from '../../pkg/profile/types.json';

import { defaultAggregation, describeProfileType, describeProfileTypes, preferredProfileType } from './profileType';

const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
const samples = 'process_cpu:samples:count:cpu:nanoseconds';
const allocated = 'memory:alloc_space:bytes:space:bytes';

describe('describeProfileType', () => {
  it.each([
    [cpu, 'CPU time', 'CPU', 'nanoseconds'],
    [allocated, 'Allocated memory', 'Memory', 'bytes'],
    ['goroutines:goroutine:count:goroutine:count', 'Goroutines', 'Goroutines and threads', 'count'],
    ['mutex:delay:nanoseconds:mutex:count', 'Time waiting for locks', 'Locks and waiting', 'nanoseconds'],
    ['memory:alloc_in_new_tlab_bytes:bytes::', 'Allocated in new TLABs', 'Memory', 'bytes'],
    ['memory:new_kind:bytes:space:bytes', 'Memory new kind', 'Memory', 'bytes'],
    ['custom_profile:custom_profile:count::', 'Custom profile', 'Other', 'count'],
    ['odd', 'Odd', 'Other', ''],
  ])('names %s', (id, name, group, unit) => {
    expect(describeProfileType(id)).toEqual({ id, name, group, unit });
  });
});

describe('describeProfileTypes', () => {
  it('sorts by kind and then by name, each id once', () => {
    const ids = ['zebra:zebra:count::', allocated, samples, cpu, cpu];
    expect(describeProfileTypes(ids).map((type) => type.id)).toEqual([samples, cpu, allocated, 'zebra:zebra:count::']);
  });
});

describe('preferredProfileType', () => {
  it.each([
    [[allocated, samples, cpu], cpu],
    [[allocated, samples], samples],
    [[allocated], allocated],
    [[], undefined],
  ])('of %j', (ids, expected) => {
    expect(preferredProfileType(ids)).toBe(expected);
  });
});

describe('the table that the backend has too', () => {
  const named = table.types.flatMap(({ name, examples = [] }) => examples.map((id) => [id, name] as const));

  it.each(named.filter(([, name]) => name))('%s is %s', (id, name) => {
    expect(describeProfileType(id).name).toBe(name);
  });

  it.each([
    [cpu, 'sum'],
    [samples, 'sum'],
    [allocated, 'sum'],
    ['memory:inuse_space:bytes:space:bytes', 'average'],
    ['heap:inuse_space:bytes:cpu:nanoseconds', 'average'],
    ['goroutines:goroutine:count:goroutine:count', 'average'],
    ['memory:live:count:objects:count', 'average'],
    ['exception:exception:count:cpu:nanoseconds', 'sum'],
    ['custom:thing:milliseconds::', 'sum'],
    ['custom:thing:count::', 'average'],
    ['custom:thing:unheard::', 'average'],
  ])('new queries of %s have the %s', (id, expected) => {
    expect(defaultAggregation(id)).toBe(expected);
  });
});
