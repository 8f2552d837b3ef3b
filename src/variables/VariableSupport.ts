import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { defer, map, type Observable } from 'rxjs';

import { lazily } from '../components/lazily';
import { type EditedDataSource, type LabelAPI } from '../labels/LabelAPI';
import { describeProfileType } from '../profiletypes/profileType';
import { contextSelector, serviceLabel } from '../selector/edit';
import { type PyrofrontOptions, type PyrofrontQuery, type VariableQuery } from '../types';

interface Value {
  text: string;
  value?: string;
}

/** Template variables that list profile types, label names or the values of a label; the services, at first. */
export class VariableSupport extends CustomVariableSupport<
  EditedDataSource,
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
    return defer(() => this.values(request)).pipe(map((data) => ({ data })));
  }

  private async values({ targets, range, scopedVars }: DataQueryRequest<VariableQuery>): Promise<Value[]> {
    const query = targets[0];
    switch (query?.type) {
      case 'profileType': {
        const types = await this.api.getProfileTypes(range, query.labelSelector || '{}', scopedVars);
        return types.map(({ id }) => ({ text: describeProfileType(id).name, value: id }));
      }
      case 'label': {
        const names = await this.api.getLabelNames(scope(query), range, scopedVars);
        return names.map((text) => ({ text }));
      }
      case 'labelValue': {
        if (!query.labelName) {
          return [];
        }
        const values = await this.api.getLabelValues(query.labelName, scope(query), range, scopedVars);
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
