import { css } from '@emotion/css';
import { type DataFrame, dateTimeFormat, type Field, formattedValueToString } from '@grafana/data';
import { config } from '@grafana/runtime';

const width = 1200;
const height = 300;
const left = 80;
const bottom = 24;

/** Cells of time and value, coloured by how many profiles fall into each: a plain form of Grafana's heat map panel. */
export function HeatMap({ frame }: { frame: DataFrame }) {
  const [times, lows, counts] = frame.fields;
  if (!times || !lows || !counts) {
    return <p>The frame has no cells.</p>;
  }
  const columns = distinct(times);
  const rows = distinct(lows);
  const largest = counts.values.reduce((most, count) => Math.max(most, count), 1);
  const cell = { width: (width - left) / columns.length, height: (height - bottom) / rows.length };
  const textOf = (value: number) => (lows.display ? formattedValueToString(lows.display(value)) : String(value));

  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={styles.map} role="img" aria-label="Profiles by time and value">
      {counts.values.map((count: number, index) =>
        count > 0 ? (
          <rect
            key={index}
            x={left + columns.indexOf(times.values[index]) * cell.width}
            y={height - bottom - (rows.indexOf(lows.values[index]) + 1) * cell.height}
            width={Math.max(cell.width - 1, 1)}
            height={Math.max(cell.height - 1, 1)}
            fillOpacity={0.2 + (0.8 * count) / largest}
          >
            <title>{`${dateTimeFormat(times.values[index])}, from ${textOf(lows.values[index])}: ${count}`}</title>
          </rect>
        ) : null
      )}
      {[rows[0], rows[Math.floor(rows.length / 2)], rows[rows.length - 1]].map((value, index) => (
        <text key={index} x={left - 8} y={height - bottom - (index * (height - bottom - 12)) / 2} textAnchor="end">
          {textOf(value ?? 0)}
        </text>
      ))}
      {[columns[0], columns[columns.length - 1]].map((time, index) => (
        <text key={index} x={index === 0 ? left : width} y={height - 6} textAnchor={index === 0 ? 'start' : 'end'}>
          {dateTimeFormat(time ?? 0)}
        </text>
      ))}
    </svg>
  );
}

function distinct(field: Field<number>): number[] {
  return [...new Set(field.values)].sort((a, b) => a - b);
}

const { colors } = config.theme2;
const styles = {
  map: css({
    width: '100%',
    '& rect': { fill: config.theme2.visualization.getColorByName('orange') },
    '& text': { fill: colors.text.secondary, fontSize: 12 },
  }),
};
