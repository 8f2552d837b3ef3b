import { texts } from '../texts';
import { type PyrofrontQuery, type QueryType } from '../types';

const lists = ['table', 'stat', 'gauge', 'bargauge', 'barchart', 'piechart'];
const series = ['timeseries', ...lists, 'histogram', 'trend', 'xychart', 'state-timeline', 'status-history', 'heatmap'];

/** Grafana's own panels that draw the answer of a query type, the best first. */
const panelsOf: Record<QueryType, string[]> = {
  profile: ['flamegraph', 'table'],
  metrics: series,
  both: ['flamegraph', 'timeseries', ...lists],
  topFunctions: [...lists, 'histogram', 'xychart'],
  functionSeries: series,
  diff: ['flamegraph', 'table'],
  heatmap: ['heatmap', 'table'],
  plan: ['nodeGraph', 'table'],
};

/** The query types that a panel can begin with. */
const first: QueryType[] = ['profile', 'metrics', 'topFunctions', 'heatmap', 'plan'];

/** The query type that a panel draws: the one that it is the best for, or else the first. */
export function typeForPanel(panel: string | undefined): QueryType | undefined {
  if (!panel) {
    return undefined;
  }
  return first.find((type) => panelsOf[type][0] === panel) ?? first.find((type) => panelsOf[type].includes(panel));
}

/** How many panels are named: those that somebody would look for. */
const named = 2;

/** Says which panel draws a query, where the one that it is in cannot. Nothing is known of panels that are not Grafana's. */
export function panelProblem({ queryType }: PyrofrontQuery, panel: string | undefined): string | undefined {
  const name = panel && texts.query.panels[panel];
  const able = panelsOf[queryType];
  if (!name || !able || able.includes(panel)) {
    return undefined;
  }
  const best = able.slice(0, named).map((id) => texts.query.panels[id] ?? id);
  return texts.query.badPanel(texts.query.types[queryType].label, name, best);
}
