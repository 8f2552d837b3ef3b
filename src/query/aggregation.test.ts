import { cpu, memory, query } from '../test/fixtures';

import { withProfileType } from './aggregation';

const goroutines = 'goroutines:goroutine:count:goroutine:count';

it.each([
  ['a new query of what there is averages', '', undefined, memory, 'average'],
  ['a new query of what happens sums', '', undefined, cpu, undefined],
  ['it follows the type', cpu, undefined, memory, 'average'],
  ['and back', memory, 'average', cpu, undefined],
  ['from one level to another', memory, 'average', goroutines, 'average'],
  ['a sum of levels, as core saved it, stays one', memory, undefined, goroutines, undefined],
  ['an average of what happens was a choice', cpu, 'average', memory, 'average'],
  ['nothing is known of a variable', cpu, undefined, '$type', undefined],
  ['heap:inuse_space of .NET is a level', cpu, undefined, 'heap:inuse_space:bytes:cpu:nanoseconds', 'average'],
] as const)('%s', (_name, before, aggregation, after, expected) => {
  const asked = { ...query, profileTypeId: before, aggregation };
  expect({ ...asked, ...withProfileType(asked, after) }).toMatchObject({ profileTypeId: after, aggregation: expected });
});
