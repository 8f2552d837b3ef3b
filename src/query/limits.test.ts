import { CoreApp } from '@grafana/data';

import { query } from '../test/fixtures';
import { type PyrofrontQuery } from '../types';

import { presetLimit, remembered, withQueryType } from './limits';

const metrics = { ...query, queryType: 'metrics' as const, limit: 1 };

it('leaves the limit of one type behind for another', () => {
  expect(withQueryType(metrics, 'topFunctions', {})).toEqual({ queryType: 'topFunctions', limit: undefined });
  expect(withQueryType(metrics, 'profile', {})).toEqual({ queryType: 'profile', limit: undefined });
});

it('keeps it where it counts the same', () => {
  expect(withQueryType(metrics, 'both', {})).toEqual({ queryType: 'both' });
});

it('gives a type the limit back that it had', () => {
  const limits = remembered(remembered({}, metrics), { ...query, queryType: 'topFunctions', limit: 7 });
  expect(withQueryType({ ...query, queryType: 'topFunctions', limit: 7 }, 'metrics', limits).limit).toBe(1);
  expect(withQueryType(metrics, 'topFunctions', limits).limit).toBe(7);
  expect(withQueryType(query, 'metrics', limits).limit).toBe(1);
});

it.each<[Partial<PyrofrontQuery>, CoreApp, number | undefined]>([
  [{ queryType: 'topFunctions' }, CoreApp.PanelEditor, 100],
  [{ queryType: 'topFunctions', functions: 'gc.*' }, CoreApp.PanelEditor, undefined],
  [{ queryType: 'topFunctions' }, CoreApp.UnifiedAlerting, 10],
  [{ queryType: 'topFunctions', functions: 'gc.*' }, CoreApp.CloudAlerting, 100],
  [{ queryType: 'diff', functions: 'of another type' }, CoreApp.Explore, 100],
  [{ queryType: 'heatmap', functions: 'of another type' }, CoreApp.Explore, 10],
  [{ queryType: 'metrics' }, CoreApp.UnifiedAlerting, undefined],
])('knows the limit of %j without one in %s', (changes, app, expected) => {
  expect(presetLimit({ ...query, ...changes }, app)).toBe(expected);
});
