import { CoreApp, type DataQueryRequest } from '@grafana/data';
import { type BackendSrv, setBackendSrv } from '@grafana/runtime';
import { firstValueFrom, of } from 'rxjs';

import { clusterDataSource, query, range } from './test/fixtures';
import { setVariables } from './test/templates';
import { type PyrofrontQuery } from './types';

const request = { targets: [query], range, scopedVars: {}, app: CoreApp.Dashboard } as DataQueryRequest<PyrofrontQuery>;
const fetch = jest.fn();

beforeEach(() => {
  setVariables({});
  fetch.mockReset();
  fetch.mockReturnValue(of({ data: { results: {} } }));
  setBackendSrv({ fetch } as unknown as BackendSrv);
});

// Grafana's own class asks at once in 12.4, and for each subscriber in 13.2: these hold with both.
describe('a query', () => {
  it('is asked once for each subscriber, and not before there is one', async () => {
    const answer = clusterDataSource().datasource.query(request);
    expect(fetch).not.toHaveBeenCalled();
    await firstValueFrom(answer);
    expect(fetch).toHaveBeenCalledTimes(1);
    await firstValueFrom(answer);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('tells its subscriber what is wrong with it', async () => {
    const { datasource } = clusterDataSource();
    datasource.applyTemplateVariables = () => {
      throw new Error('no such variable');
    };
    await expect(firstValueFrom(datasource.query(request))).rejects.toThrow('no such variable');
    expect(fetch).not.toHaveBeenCalled();
  });

  it('of annotations is asked once', async () => {
    const scopedVars = { __annotation: { value: {} } } as DataQueryRequest['scopedVars'];
    await firstValueFrom(clusterDataSource().datasource.query({ ...request, scopedVars }));
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('of a variable is asked once somebody waits for it', async () => {
    const { datasource, resources } = clusterDataSource();
    const variables = datasource.variables as unknown as {
      query: (asked: object) => ReturnType<typeof datasource.query>;
    };
    const answer = variables.query({ ...request, targets: [{ refId: 'A', type: 'label' }] });
    expect(resources).not.toHaveBeenCalled();
    await firstValueFrom(answer);
    expect(resources).toHaveBeenCalledTimes(1);
  });
});
