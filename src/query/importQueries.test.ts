import { AbstractLabelOperator } from '@grafana/data';

import { fromAbstractQuery, fromSavedQueries, toAbstractQuery } from './importQueries';

const { Equal, NotEqual, EqualRegEx, NotEqualRegEx } = AbstractLabelOperator;

describe('importing queries', () => {
  it('keeps labels of other signals and names the service as profiles do', () => {
    const query = fromAbstractQuery({
      refId: 'B',
      labelMatchers: [
        { name: '__name__', operator: Equal, value: 'http_requests_total' },
        { name: 'service.name', operator: Equal, value: 'a"b' },
        { name: 'pod', operator: NotEqualRegEx, value: 'x.*' },
      ],
    });
    expect(query).toEqual({
      refId: 'B',
      queryType: 'both',
      profileTypeId: '',
      labelSelector: '{service_name="a\\"b", pod!~"x.*"}',
      groupBy: [],
    });
  });

  it('gives its labels and takes them back', () => {
    const labelMatchers = [
      { name: 'a', operator: Equal, value: '1' },
      { name: 'b', operator: NotEqual, value: '2' },
      { name: 'c', operator: EqualRegEx, value: '3' },
    ];
    const query = fromAbstractQuery({ refId: 'A', labelMatchers });
    expect(toAbstractQuery(query)).toEqual({ refId: 'A', labelMatchers });
  });

  it('takes saved queries of the core data source with all their fields', () => {
    const query = { refId: 'A', queryType: 'metrics', profileTypeId: 'x:y', labelSelector: '{a="b"}', groupBy: ['c'] };
    expect(fromSavedQueries([query], 'grafana-pyroscope-datasource')).toEqual([query]);
  });

  it.each([
    [
      '4BF92F3577B34DA6A3CE929D0E0E4736',
      { labelSelector: '{}', traceIdSelector: ['4bf92f3577b34da6a3ce929d0e0e4736'] },
    ],
    ['{resource.service.name="cart" && span.http.status=500}', { labelSelector: '{service_name="cart"}' }],
    ['{resource.service.name=~"a|b"}', { labelSelector: '{service_name=~"a|b"}' }],
    [undefined, { labelSelector: '{}' }],
  ])('takes %s of Tempo', (text, expected) => {
    const [query] = fromSavedQueries([{ refId: 'A', ...{ query: text } }], 'tempo');
    expect(query).toMatchObject(expected);
  });

  it('takes nothing of what it does not know', () => {
    expect(fromSavedQueries([{ refId: 'A' }], 'mysql')).toEqual([]);
  });
});
