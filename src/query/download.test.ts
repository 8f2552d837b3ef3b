import { query, range } from '../test/fixtures';

import { pprofResource } from './download';

it('selects what the query selects', () => {
  const [path, form] = pprofResource({ ...query, callSite: ['main.main', 'a&b'], spanSelector: [] }, range).split('?');
  expect(path).toBe('pprof');
  expect([...new URLSearchParams(form)]).toEqual([
    ['profileTypeId', query.profileTypeId],
    ['labelSelector', query.labelSelector],
    ['from', '1700000001000'],
    ['to', '1700003601000'],
    ['callSite', 'main.main'],
    ['callSite', 'a&b'],
  ]);
});
