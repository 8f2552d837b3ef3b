import { defaultAggregation } from '../profiletypes/profileType';
import { type PyrofrontQuery } from '../types';

/**
 * What changes with the profile type that is chosen. The aggregation follows the type as long as it is the one that new
 * queries have; a choice of its own stays. A query that says nothing sums, as those of the core data source do.
 */
export function withProfileType(
  { profileTypeId: before, aggregation = 'sum' }: PyrofrontQuery,
  profileTypeId: string
): Partial<PyrofrontQuery> {
  const preset = presetOf(before) ?? 'sum';
  const next = presetOf(profileTypeId);
  if (!next || aggregation !== preset || aggregation === next) {
    return { profileTypeId };
  }
  return { profileTypeId, aggregation: next === 'sum' ? undefined : next };
}

/** Nothing is known of a type that a variable stands for. */
function presetOf(profileTypeId: string) {
  return profileTypeId.includes(':') ? defaultAggregation(profileTypeId) : undefined;
}
