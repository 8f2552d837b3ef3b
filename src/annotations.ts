import {
  type AnnotationEvent,
  type AnnotationQuery,
  type AnnotationSupport,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  DataTopic,
} from '@grafana/data';
import { of } from 'rxjs';

import { lazily } from './components/lazily';
import { migrateQuery } from './query/migrate';
import { type PyrofrontQuery } from './types';

/** Puts what the cluster notes about its profiles (sampling, throttling) on any panel of a dashboard. */
export const annotationSupport: AnnotationSupport<PyrofrontQuery> = {
  prepareAnnotation: (saved: AnnotationQuery<PyrofrontQuery>) => {
    const target = saved.target && migrateQuery(saved.target);
    // Grafana prepares anew whatever comes back as another object.
    return target === saved.target ? saved : { ...saved, target };
  },
  prepareQuery: (annotation) =>
    annotation.target && { ...annotation.target, queryType: 'metrics', annotations: true, groupBy: [] },
  processEvents: (_annotation, frames) => of(frames.flatMap(toEvents)),
  getDefaultQuery: () => ({ queryType: 'metrics', annotations: true }),
  QueryEditor: lazily(
    async () =>
      (await import(/* webpackChunkName: "queryEditor" */ './editor/AnnotationQueryEditor')).AnnotationQueryEditor
  ),
};

/** Whether Grafana asks for a dashboard's annotations and not for a panel's data. */
export function isAnnotationRequest(request: DataQueryRequest<PyrofrontQuery>): boolean {
  return request.scopedVars?.__annotation !== undefined;
}

/** Drops the series, which Grafana would else take for the annotations. */
export function keepAnnotations(response: DataQueryResponse): DataQueryResponse {
  const data = response.data.filter((frame: DataFrame) => frame.meta?.dataTopic === DataTopic.Annotations);
  return { ...response, data };
}

function toEvents(frame: DataFrame): AnnotationEvent[] {
  const column = (name: string) => frame.fields.find((field) => field.name === name)?.values;
  const [times, ends, texts] = [column('time'), column('timeEnd'), column('text')];
  return Array.from({ length: times ? frame.length : 0 }, (_, row) => ({
    time: times?.[row],
    timeEnd: ends?.[row] ?? undefined,
    isRegion: (ends?.[row] ?? times?.[row]) !== times?.[row],
    text: texts?.[row] ?? '',
  }));
}
