import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse, type TimeRange } from '@grafana/data';
import { from, map, type Observable } from 'rxjs';

import { describeProfileType } from '../profiletypes/profileType';
import { contextSelector, serviceLabel } from '../selector/edit';
import { lazily } from '../components/lazily';
import { type ProfileTypeMessage, type PyrofrontOptions, type PyrofrontQuery, type VariableQuery } from '../types';
import { type PyrofrontDataSource } from '../datasource';

/** What the values of variables are made of. */
export interface LabelAPI {
  getProfileTypes(range?: TimeRange): Promise<ProfileTypeMessage[]>;
  getLabelNames(selector: string, range?: TimeRange): Promise<string[]>;
  getLabelValues(label: string, selector: string, range?: TimeRange): Promise<string[]>;
}

interface Value {
  text: string;
  value?: string;
}

/** Template variables that list profile types, label names or the values of a label; the services, at first. */
export class VariableSupport extends CustomVariableSupport<
  PyrofrontDataSource,
  VariableQuery,
  PyrofrontQuery,
  PyrofrontOptions
> {
  constructor(private readonly api: LabelAPI) {
    super();
  }

  editor = lazily(
    async () => (await import(/* webpackChunkName: "variableEditor" */ './VariableQueryEditor')).VariableQueryEditor
  );

  getDefaultQuery() {
    const services: Partial<VariableQuery> = { type: 'labelValue', labelName: serviceLabel };
    // Grafana's types take a variable's query for a panel's here.
    return services as Partial<PyrofrontQuery>;
  }

  query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    return from(this.values(request.targets[0], request.range)).pipe(map((data) => ({ data })));
  }

  private async values(query: VariableQuery | undefined, range: TimeRange): Promise<Value[]> {
    switch (query?.type) {
      case 'profileType': {
        const types = await this.api.getProfileTypes(range);
        return types.map(({ id }) => ({ text: describeProfileType(id).name, value: id }));
      }
      case 'label': {
        const names = await this.api.getLabelNames(scope(query), range);
        return names.map((text) => ({ text }));
      }
      case 'labelValue': {
        if (!query.labelName) {
          return [];
        }
        const values = await this.api.getLabelValues(query.labelName, scope(query), range);
        return values.map((text) => ({ text }));
      }
      default:
        return [];
    }
  }
}

function scope({ labelSelector, profileTypeId }: VariableQuery): string {
  return contextSelector(labelSelector ?? '', profileTypeId);
}
