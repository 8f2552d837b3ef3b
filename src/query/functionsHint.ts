import { type CoreApp } from '@grafana/data';

import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

import { presetLimit } from './limits';
import { isAlerting, lacksFunctions } from './options';

/** What a query shows or watches that names no functions, where that is to be told. */
export function functionsHint(query: PyrofrontQuery, app: CoreApp | string | undefined) {
  const { seriesHint, seriesRuleHint, rootsHint, ruleHint } = texts.options.functions;
  if (query.queryType !== 'functionSeries') {
    return lacksFunctions(query, app) ? { text: ruleHint } : undefined;
  }
  if (query.functions) {
    return undefined;
  }
  const measure = query.measure ?? 'total';
  const limit = query.limit ?? presetLimit(query, app) ?? 0;
  const roots = measure === 'total';
  const rule = isAlerting(app) && seriesRuleHint(limit, texts.options.measures[measure]);
  return { text: [rule, roots ? rootsHint : !rule && seriesHint(limit)].filter(Boolean).join(' '), warning: roots };
}
