import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  applyNullInsertThreshold,
  type DataFrame,
  type DataFrameJSON,
  dataFrameFromJSON,
  getFieldDisplayName,
  standardTransformers,
} from '@grafana/data';
import { firstValueFrom, of } from 'rxjs';

/** A frame as the backend makes it: its golden files are what Grafana gets. */
function golden(name: string): DataFrame {
  const file = path.join(process.cwd(), 'pkg/frame/testdata/golden', `${name}.jsonc`);
  const json = readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const [frame] = (JSON.parse(json) as { frames: DataFrameJSON[] }).frames;
  return dataFrameFromJSON(frame!);
}

/** What the names of columns are, once two tables are joined by function. */
async function joined(frames: DataFrame[]): Promise<string[]> {
  const join = standardTransformers.joinByFieldTransformer.operator(
    { byField: 'function', mode: 'outerTabular' as never },
    { interpolate: (text: string) => text }
  );
  const [table] = await firstValueFrom(of(frames).pipe(join));
  return table!.fields.map((field) => getFieldDisplayName(field, table, [table!]));
}

describe('the interval of a series', () => {
  it('makes a hole of an outage, and of nothing else', () => {
    const frame = golden('series_once_a_minute');
    const drawn = applyNullInsertThreshold({ frame });
    expect([...drawn.fields[1]!.values]).toEqual([0.2, 0.2, 0.2, null, null, null, null, 0.2, 0.2]);
  });
});

describe('tables of two queries', () => {
  const twice = (names: string[]) => names.filter((name, index) => names.indexOf(name) !== index);

  it('have columns of their own when they are joined', async () => {
    const a = { ...golden('top_functions'), name: 'functions A' };
    const b = { ...golden('top_functions'), name: 'functions B' };
    const names = await joined([a, b]);
    expect(names).toHaveLength(7);
    expect(twice(names)).toEqual([]);
  });

  it('would show the numbers of one twice with one name', async () => {
    expect(twice(await joined([golden('top_functions'), golden('top_functions')]))).not.toEqual([]);
  });
});
