import { type PyrofrontQuery } from '../types';

/** An example that was clicked: Grafana makes it the query and does not run it, which is left to the query's editor. */
interface ExampleQuery extends PyrofrontQuery {
  example: true;
}

/** Marks an example, so that the editor runs it. */
export function asExample(query: PyrofrontQuery): ExampleQuery {
  return { ...query, example: true };
}

export function isExample(query: PyrofrontQuery): query is ExampleQuery {
  return 'example' in query;
}

/** The query itself, of an example that was clicked. */
export function withoutMark(query: PyrofrontQuery): PyrofrontQuery {
  if (!isExample(query)) {
    return query;
  }
  const { example: _example, ...itself } = query;
  return itself;
}
