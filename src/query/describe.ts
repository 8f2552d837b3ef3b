import { type CoreApp } from '@grafana/data';

import { distinctName } from '../profiletypes/profileType';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

import { optionsFor, type Option } from './options';

/** One line that says what a query asks: `CPU time · Flame graph · {service_name="checkout"}`. Two that differ read differently. */
export function describeQuery(query: PyrofrontQuery): string {
  const type = query.profileTypeId ? distinctName(query.profileTypeId) : texts.query.noProfileType;
  const kind = texts.query.types[query.queryType]?.label ?? query.queryType;
  return [type, kind, query.labelSelector || '{}', ...summariseOptions(query)].filter(Boolean).join(' · ');
}

/** The options that are set and apply, one text each, for the collapsed row. */
export function summariseOptions(query: PyrofrontQuery, app?: CoreApp | string): string[] {
  return optionsFor(query.queryType, app)
    .map((option) => {
      const value = optionValue(query, option);
      return value ? texts.options.summary(texts.options[option].label, value) : '';
    })
    .filter(Boolean);
}

function optionValue(query: PyrofrontQuery, option: Option): string {
  switch (option) {
    case 'diff':
      return describeBaseline(query) || texts.options.diff.missing;
    case 'annotations':
      return query.annotations ? texts.options.on : '';
    case 'exemplars':
      return query.exemplars && query.exemplars !== 'none' ? texts.options.exemplarKinds[query.exemplars] : '';
    case 'aggregation':
      return query.aggregation ? texts.options.aggregations[query.aggregation] : '';
    case 'measure':
      return query.measure ? texts.options.measures[query.measure] : '';
    case 'show':
      return query.show ? texts.options.shows[query.show] : '';
    case 'callSite':
      return query.callSite?.join(' → ') ?? '';
    default: {
      const value = query[option];
      return Array.isArray(value) ? value.join(', ') : String(value || '');
    }
  }
}

function describeBaseline({ diff }: PyrofrontQuery): string {
  const range = diff?.from || diff?.to ? `${diff.from ?? '…'} – ${diff.to ?? '…'}` : '';
  const shift = diff?.timeShift ? texts.options.earlier(diff.timeShift) : '';
  return [diff?.labelSelector, shift, range].filter(Boolean).join(', ');
}
