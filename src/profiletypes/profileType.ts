import table from '../../pkg/profile/types.json';
import { texts } from '../texts';
import { type Aggregation } from '../types';

/** A profile type, taken apart and named for people. */
export interface ProfileType {
  id: string;
  /** `CPU time` */
  name: string;
  /** The kind it is listed under: `CPU`, `Memory`, … */
  group: string;
  /** The unit for people: `nanoseconds`, `bytes`, `count`. */
  unit: string;
}

type GroupKey = keyof typeof texts.profileTypes.groups;

/** `instant`: what there is at a moment. `cumulative`: what happened since the profile before. */
type Kind = 'instant' | 'cumulative';

/** An entry of the table that the backend has too: what is known of the types that a pattern matches. */
interface Entry {
  match: string;
  kind?: Kind;
  group: GroupKey;
  name?: string;
  examples?: string[];
}

const entries = table.types as Entry[];
const units: Record<string, { kind?: string } | undefined> = table.units;

/** Groups in the order in which they are listed. */
const groupOrder: GroupKey[] = ['cpu', 'wall', 'memory', 'blocking', 'threads', 'gpu', 'errors', 'other'];

/** The first entry whose pattern matches: `*` stands for any characters within one part of the id. */
function entryOf(id: string): Entry | undefined {
  const parts = id.split(':');
  return entries.find(({ match }) => match.split(':').every((pattern, index) => matches(pattern, parts[index] ?? '')));
}

function matches(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  if (!text.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const [index, other] of others.entries()) {
    const isLast = index === others.length - 1;
    const found = isLast ? text.length - other.length : text.indexOf(other, at);
    if (found < at || !text.startsWith(other, found)) {
      return false;
    }
    at = found + other.length;
  }
  return at === text.length;
}

/** Takes apart a profile type's id; what is not known gets a name made of the id's own words. */
export function describeProfileType(id: string): ProfileType {
  const [profile = '', sampleType = '', unit = ''] = id.split(':');
  const entry = entryOf(id);
  const words = sampleType && sampleType !== profile ? `${profile} ${sampleType}` : profile;
  return {
    id,
    name: entry?.name ?? inWords(words),
    group: texts.profileTypes.groups[entry?.group ?? 'other'],
    unit,
  };
}

/** The id that a name stands for, where nothing more is said: the first example of its first entry. */
const usualIds = new Map(
  [...entries].reverse().flatMap(({ name, examples: [first] = [] }) => (name && first ? [[name, first] as const] : []))
);

/** A name that is no other profile type's: with the id, where it is not the one that the name usually stands for. */
export function distinctName(id: string): string {
  const { name } = describeProfileType(id);
  return usualIds.get(name) === id || !id.includes(':') ? name : texts.profileTypes.withId(name, id);
}

/** How a new query makes one number of many profiles: it adds up what happened, and averages what there is. */
export function defaultAggregation(id: string): Aggregation {
  const unit = id.split(':')[2] ?? '';
  const kind = entryOf(id)?.kind ?? units[unit]?.kind ?? 'instant';
  return kind === 'instant' ? 'average' : 'sum';
}

/** Describes and sorts profile types: by kind, then by name. Ids that come twice are kept once. */
export function describeProfileTypes(ids: string[]): ProfileType[] {
  const rank = new Map(groupOrder.map((key, index) => [texts.profileTypes.groups[key], index]));
  return [...new Set(ids)]
    .map(describeProfileType)
    .sort(
      (left, right) =>
        (rank.get(left.group) ?? 0) - (rank.get(right.group) ?? 0) ||
        left.name.localeCompare(right.name) ||
        left.id.localeCompare(right.id)
    );
}

/** The profile type of a first query: CPU time, else anything of the CPU, else the first there is. */
export function preferredProfileType(ids: string[]): string | undefined {
  return ids.find((id) => /^(process_)?cpu:cpu:/.test(id)) ?? ids.find((id) => /^(process_)?cpu:/.test(id)) ?? ids[0];
}

function inWords(text: string): string {
  const words = text.replace(/[_\s]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
