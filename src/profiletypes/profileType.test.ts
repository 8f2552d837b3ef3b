import { describeProfileType, describeProfileTypes, preferredProfileType } from './profileType';

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
