import { CoreApp, type DataFrameJSON, type DataQueryRequest, type DataQueryResponse, FieldType } from '@grafana/data';
import { type BackendSrv, config, setBackendSrv } from '@grafana/runtime';
import { Observable, type Subscriber } from 'rxjs';

import { clusterDataSource, query, range } from './test/fixtures';
import { setVariables } from './test/templates';
import { type Progress, type PyrofrontQuery } from './types';

type Request = DataQueryRequest<PyrofrontQuery>;

/** A request that the backend has not answered yet. */
interface Call {
  targets: PyrofrontQuery[];
  aborted: boolean;
  answer: (results: Record<string, unknown>) => void;
}

let calls: Call[] = [];

/** Grafana's own class asks it, as it asks the real one: these hold with 12.4, which asks at once, and with 13.2. */
function fetchFrom(options: { data: { queries: PyrofrontQuery[] } }) {
  return new Observable((subscriber: Subscriber<unknown>) => {
    const call: Call = {
      targets: options.data.queries,
      aborted: false,
      answer: (results) => {
        subscriber.next({ data: { results }, status: 200 });
        subscriber.complete();
      },
    };
    calls.push(call);
    return () => {
      call.aborted = true;
    };
  });
}

/** A frame whose rows tell which picture it is. */
function picture(refId: string, values: number[], progress?: Progress): DataFrameJSON {
  return {
    schema: { refId, fields: [{ name: 'value', type: FieldType.number }], meta: { custom: progress && { progress } } },
    data: { values: [values] },
  };
}

function nothingNew(refId: string, progress: Progress): DataFrameJSON {
  return { schema: { refId, fields: [], meta: { custom: { progress } } }, data: { values: [] } };
}

const part = (done: number, execution = 'one'): Progress => ({ done, total: 100, execution });

const request = (changes: Partial<Request> = {}) =>
  ({ targets: [query], range, scopedVars: {}, app: CoreApp.Explore, ...changes }) as Request;

/** Asks, and keeps what comes: the state, and the values of the frames by query. */
function ask(asked: Request) {
  const seen: string[] = [];
  const keys = new Set<string | undefined>();
  let done = false;
  const subscription = clusterDataSource()
    .datasource.query(asked)
    .subscribe({
      next: (answer: DataQueryResponse) => {
        const frames = answer.data.map((frame) => `${frame.refId}${frame.fields[0]?.values.join('') ?? ''}`);
        seen.push([answer.state, ...frames].join(' '));
        keys.add(answer.key);
      },
      complete: () => {
        done = true;
      },
    });
  return { seen, keys, subscription, isDone: () => done };
}

/** Grafana 13.2 makes up a request asynchronously. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

async function answerWith(results: Record<string, unknown>) {
  await settled();
  calls.at(-1)!.answer(results);
  await settled();
}

const answer = (...frames: DataFrameJSON[]) => answerWith({ A: { frames } });

beforeEach(() => {
  setVariables({});
  calls = [];
  setBackendSrv({ fetch: fetchFrom } as unknown as BackendSrv);
});

it('shows what there is until the answer is whole', async () => {
  const { seen, keys, isDone } = ask(request());
  await answer(picture('A', [1], part(10)));
  await answer(nothingNew('A', part(10)));
  await answer(picture('A', [2], part(50)));
  expect(isDone()).toBe(false);
  await answer(picture('A', [3]));
  expect(seen).toEqual(['Loading A1', 'Loading A2', 'Done A3']);
  expect(isDone()).toBe(true);
  expect(calls).toHaveLength(4);
  // Grafana keeps what comes under different keys beside each other.
  expect([...keys]).toEqual([expect.any(String)]);
});

it('asks the same again, of one run', async () => {
  ask(request());
  await answer(picture('A', [1], part(10)));
  ask(request());
  await settled();
  const [first, second, other] = calls.map(({ targets }) => targets[0]!);
  expect(first!.progress!.run).toMatch(/^[0-9a-f]{32}$/);
  expect(second).toEqual(first);
  expect(other!.progress!.run).not.toBe(first!.progress!.run);
});

it('comes at once where the first answer is whole', async () => {
  const { seen, isDone } = ask(request());
  await answer(picture('A', [1]));
  expect(seen).toEqual(['Done A1']);
  expect(isDone()).toBe(true);
  expect(calls).toHaveLength(1);
});

it('draws the first picture of a panel', async () => {
  const { seen } = ask(request({ app: CoreApp.Dashboard }));
  await answer(picture('A', [1], part(10)));
  await answer(picture('A', [2], part(20)));
  expect(seen).toEqual(['Streaming A1', 'Loading A1', 'Loading A2']);
});

it('ends what runs with the last reader, and asks nothing more', async () => {
  const { seen, subscription } = ask(request());
  await answer(picture('A', [1], part(10)));
  subscription.unsubscribe();
  expect(calls).toHaveLength(2);
  expect(calls[1]!.aborted).toBe(true);
  await answer(picture('A', [2], part(20)));
  expect(seen).toEqual(['Loading A1']);
  expect(calls).toHaveLength(2);
});

it('never shows less than it has shown, whichever Grafana answers', async () => {
  const { seen } = ask(request());
  await answer(picture('A', [1], part(30)));
  await answer(picture('A', [9], part(10, 'two')));
  await answer(nothingNew('A', part(0, 'three')));
  await answer(picture('A', [2], part(40)));
  await answer(picture('A', [3]));
  expect(seen).toEqual(['Loading A1', 'Loading A2', 'Done A3']);
});

/**
 * Grafanas that take the requests of a query in turn, each with an execution of its own that goes on for ten seconds
 * after it was asked for. The clock is theirs: a request takes a second, and the answer is whole after so many.
 */
class Grafanas {
  executions = 0;
  private now = 0;
  private readonly runs: Array<{ id: number; began: number; asked: number } | undefined> = [];

  constructor(
    private readonly takes: number,
    private readonly next: () => number,
    private readonly apart: number
  ) {}

  answer({ targets }: Call): DataFrameJSON {
    if (!targets[0]!.progress) {
      this.executions++;
      this.now += this.takes;
      return picture('A', [1]);
    }
    const at = this.next();
    this.now += this.apart;
    let run = this.runs[at];
    if (!run || this.now - run.asked > 10) {
      run = { id: this.executions++, began: this.now, asked: 0 };
      this.runs[at] = run;
    }
    run.asked = this.now += 1;
    const done = Math.round((100 * (this.now - run.began)) / this.takes);
    return done < 100 ? picture('A', [0], part(done, `${run.id}`)) : picture('A', [1]);
  }
}

it.each([
  { grafanas: 1, executions: 1 },
  { grafanas: 2, executions: 2 },
  { grafanas: 3, executions: 3 },
  { grafanas: 4, executions: 5 },
  { grafanas: 12, executions: 5 },
  { grafanas: 50, executions: 5 },
  { grafanas: 50, anyOrder: true, executions: 5 },
  { grafanas: 1, apart: 60, executions: 5 },
  { grafanas: 50, apart: 60, executions: 5 },
  { grafanas: 12, takes: 3, executions: 5 },
])('is executed a few times at most, and comes, behind Grafanas in turn: %j', async (test) => {
  let turn = 0;
  const next = () => (test.anyOrder ? (turn = (turn * 31 + 7) % test.grafanas) : turn++ % test.grafanas);
  const grafanas = new Grafanas(test.takes ?? 30, next, test.apart ?? 0);
  const { seen, isDone } = ask(request());
  for (let requests = 1; !isDone(); requests++) {
    expect(requests).toBeLessThan(200);
    await settled();
    await answer(grafanas.answer(calls.at(-1)!));
  }
  expect(grafanas.executions).toBe(test.executions);
  expect(seen.at(-1)).toBe('Done A1');
});

it('waits for the whole where nobody says which execution an answer is of', async () => {
  ask(request());
  for (let times = 0; times < 4; times++) {
    await answer(nothingNew('A', { done: 1, total: 100 }));
    expect(calls.at(-1)!.targets[0]!.progress === undefined).toBe(times === 3);
  }
});

it('shows each query as far as it is', async () => {
  const targets = ['A', 'B'].map((refId) => ({ ...query, refId }));
  const { seen } = ask(request({ targets }));
  const both = (a: DataFrameJSON, b: DataFrameJSON) => answerWith({ A: { frames: [a] }, B: { frames: [b] } });
  await both(picture('A', [1], part(10)), nothingNew('B', { done: 0, total: 0 }));
  await both(nothingNew('A', part(10)), picture('B', [1]));
  await both(picture('A', [2], part(60)), picture('B', [1]));
  await both(picture('A', [3]), picture('B', [1]));
  expect(seen).toEqual(['Loading A1', 'Loading A1 B1', 'Loading A2 B1', 'Done A3 B1']);
});

it('is told of an error, which is the end', async () => {
  const { seen, isDone } = ask(request());
  await answer(picture('A', [1], part(10)));
  await answerWith({ A: { error: 'the cluster is gone', status: 500 } });
  expect(seen).toEqual(['Loading A1', 'Error']);
  expect(isDone()).toBe(true);
});

it.each<[string, Partial<Request>]>([
  ['an alert rule', { app: CoreApp.UnifiedAlerting }],
  ['annotations', { app: CoreApp.Dashboard, scopedVars: { __annotation: { text: '', value: {} } } }],
  ['correlations', { app: CoreApp.Correlations }],
  ['nobody knows whom', { app: undefined }],
  ['a plan', { targets: [{ ...query, queryType: 'plan' }] }],
])('is asked as a whole for %s', async (_, changes) => {
  ask(request(changes));
  await settled();
  expect(calls).toHaveLength(1);
  expect(calls[0]!.targets[0]!.progress).toBeUndefined();
});

it('is asked as a whole for a picture that Grafana renders', async () => {
  config.bootData = { user: { authenticatedBy: 'render' } } as typeof config.bootData;
  ask(request());
  await settled();
  expect(calls[0]!.targets[0]!.progress).toBeUndefined();
  config.bootData = {} as typeof config.bootData;
});
