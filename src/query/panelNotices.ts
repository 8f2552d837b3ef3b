import { type DataFrame, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';

import { type PyrofrontQuery } from '../types';

import { panelProblem } from './panels';

/** Says on the first frame of each query that the panel cannot draw it, and which panel can. */
export function withPanelNotices(
  response: DataQueryResponse,
  { targets, panelPluginId }: DataQueryRequest<PyrofrontQuery>
): DataQueryResponse {
  const told = new Set<string | undefined>();
  const data = response.data.map((frame: DataFrame) => {
    const target = targets.find(({ refId }) => refId === frame.refId);
    const text = target && !told.has(frame.refId) ? panelProblem(target, panelPluginId) : undefined;
    if (!text) {
      return frame;
    }
    told.add(frame.refId);
    const notices = [...(frame.meta?.notices ?? []), { severity: 'warning' as const, text }];
    return { ...frame, meta: { ...frame.meta, notices } };
  });
  return told.size > 0 ? { ...response, data } : response;
}
