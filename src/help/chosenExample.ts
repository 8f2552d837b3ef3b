import { hasFields } from '../query/hasFields';
import { type PyrofrontQuery } from '../types';

let chosen: PyrofrontQuery | undefined;

/** Notes that an example was clicked: Grafana makes it the query and does not run it. */
export function chooseExample(example: PyrofrontQuery) {
  chosen = example;
}

/** Whether a query is the example that was just clicked. It is so once. */
export function takeExample(query: PyrofrontQuery): boolean {
  if (!chosen) {
    return false;
  }
  // Grafana gives an example the id and the data source of the query that it takes the place of.
  const { refId: _refId, datasource: _datasource, ...fields } = chosen;
  if (!hasFields(query, fields)) {
    return false;
  }
  chosen = undefined;
  return true;
}
