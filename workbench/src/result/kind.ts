import { type DataFrame, DataFrameType, FieldType } from '@grafana/data';

export type Kind = 'flameGraph' | 'heatMap' | 'nodeGraph' | 'series' | 'table';

/** What a frame says that it is, as Explore reads it. */
export function kindOf({ meta, fields }: DataFrame): Kind {
  switch (meta?.preferredVisualisationType) {
    case 'flamegraph':
      return 'flameGraph';
    case 'nodeGraph':
      return 'nodeGraph';
    case 'table':
      return 'table';
  }
  if (meta?.type === DataFrameType.HeatmapCells || meta?.type === DataFrameType.HeatmapRows) {
    return 'heatMap';
  }
  const hasTimes = fields[0]?.type === FieldType.time;
  return hasTimes && meta?.preferredVisualisationType === 'graph' ? 'series' : 'table';
}
