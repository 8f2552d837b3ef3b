import { type DataFrame, FieldColorModeId, FieldType, type TimeRange } from '@grafana/data';
import { LegendDisplayMode } from '@grafana/schema';
import { TimeSeries } from '@grafana/ui';
import { useMemo } from 'react';

import { useWidth } from './useWidth';

interface GraphProps {
  frames: DataFrame[];
  timeRange: TimeRange;
}

/** Draws series as Grafana's time series panel does. */
export function Graph({ frames, timeRange }: GraphProps) {
  const [width, ref] = useWidth();
  const coloured = useMemo(() => frames.map(withColours), [frames]);
  return (
    <div ref={ref}>
      {width > 0 && (
        <TimeSeries
          frames={coloured}
          timeRange={timeRange}
          timeZone="browser"
          width={width}
          height={260}
          legend={{ calcs: [], displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true }}
        />
      )}
    </div>
  );
}

function withColours(frame: DataFrame): DataFrame {
  const custom = { lineWidth: 1, fillOpacity: 10, showPoints: 'always', pointSize: 5 };
  const color = { mode: FieldColorModeId.PaletteClassic };
  const fields = frame.fields.map((field) =>
    field.type === FieldType.number ? { ...field, config: { ...field.config, color, custom } } : field
  );
  return { ...frame, fields };
}
