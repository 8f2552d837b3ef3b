import { texts } from '../texts';

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

interface Known {
  group: GroupKey;
  name: string;
}

/** Groups in the order in which they are listed. */
const groupOrder: GroupKey[] = ['cpu', 'wall', 'memory', 'blocking', 'threads', 'gpu', 'errors', 'other'];

/** Names by `<profile>:<sample type>`; `*` stands for every profile that has this sample type. */
const known: Record<string, Known> = {
  'process_cpu:cpu': { group: 'cpu', name: texts.profileTypes.cpuTime },
  'process_cpu:samples': { group: 'cpu', name: texts.profileTypes.cpuSamples },
  'cpu:cpu': { group: 'cpu', name: texts.profileTypes.cpuTime },
  'cpu:samples': { group: 'cpu', name: texts.profileTypes.cpuSamples },
  'off_cpu:off_cpu': { group: 'wall', name: texts.profileTypes.offCPU },
  'wall:wall': { group: 'wall', name: texts.profileTypes.wallTime },
  'wall:samples': { group: 'wall', name: texts.profileTypes.wallSamples },
  '*:alloc_space': { group: 'memory', name: texts.profileTypes.allocatedBytes },
  '*:alloc_objects': { group: 'memory', name: texts.profileTypes.allocatedObjects },
  '*:inuse_space': { group: 'memory', name: texts.profileTypes.inUseBytes },
  '*:inuse_objects': { group: 'memory', name: texts.profileTypes.inUseObjects },
  '*:alloc_in_new_tlab_bytes': { group: 'memory', name: texts.profileTypes.newTLABBytes },
  '*:alloc_in_new_tlab_objects': { group: 'memory', name: texts.profileTypes.newTLABObjects },
  '*:alloc_outside_tlab_bytes': { group: 'memory', name: texts.profileTypes.outsideTLABBytes },
  '*:alloc_outside_tlab_objects': { group: 'memory', name: texts.profileTypes.outsideTLABObjects },
  'memory:live': { group: 'memory', name: texts.profileTypes.liveObjects },
  'block:delay': { group: 'blocking', name: texts.profileTypes.blockDelay },
  'block:contentions': { group: 'blocking', name: texts.profileTypes.blockContentions },
  'mutex:delay': { group: 'blocking', name: texts.profileTypes.mutexDelay },
  'mutex:contentions': { group: 'blocking', name: texts.profileTypes.mutexContentions },
  '*:goroutine': { group: 'threads', name: texts.profileTypes.goroutines },
  '*:goroutines': { group: 'threads', name: texts.profileTypes.goroutines },
  'exceptions:exceptions': { group: 'errors', name: texts.profileTypes.exceptions },
};

/** The kind of profiles whose sample types are not all known by name. */
const groupOfProfile: Record<string, GroupKey> = {
  process_cpu: 'cpu',
  cpu: 'cpu',
  wall: 'wall',
  off_cpu: 'wall',
  memory: 'memory',
  heap: 'memory',
  allocs: 'memory',
  block: 'blocking',
  mutex: 'blocking',
  lock: 'blocking',
  goroutine: 'threads',
  goroutines: 'threads',
  threadcreate: 'threads',
  gpu: 'gpu',
  exceptions: 'errors',
};

/** Takes apart a profile type's id; what is not known gets a name made of the id's own words. */
export function describeProfileType(id: string): ProfileType {
  const [profile = '', sampleType = '', unit = ''] = id.split(':');
  const match = known[`${profile}:${sampleType}`] ?? known[`*:${sampleType}`];
  const group = match?.group ?? groupOfProfile[profile] ?? 'other';
  const words = sampleType && sampleType !== profile ? `${profile} ${sampleType}` : profile;
  return {
    id,
    name: match?.name ?? inWords(words),
    group: texts.profileTypes.groups[group],
    unit,
  };
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
