import { css } from '@emotion/css';
import { type DataFrame, type PanelData } from '@grafana/data';
import { FlameGraph } from '@grafana/flamegraph';
import { config } from '@grafana/runtime';
import { Alert } from '@grafana/ui';

import { Graph } from './Graph';
import { HeatMap } from './HeatMap';
import { Inspector } from './Inspector';
import { kindOf } from './kind';
import { NodeGraph } from './NodeGraph';
import { FrameTable } from './FrameTable';

/** Shows each frame as the part of Grafana that it is meant for would. */
export function Result({ response }: { response: PanelData }) {
  const { series, errors, timeRange } = response;
  const lines = series.filter((frame) => kindOf(frame) === 'series');
  const nodes = series.filter((frame) => kindOf(frame) === 'nodeGraph');
  const others = series.filter((frame) => !lines.includes(frame) && !nodes.includes(frame));
  const notices = series.flatMap((frame) => frame.meta?.notices ?? []);
  return (
    <>
      {errors?.map((error, index) => (
        <Alert key={index} severity="error" title="Query error">
          {error.message ?? error.data?.message ?? 'Unknown error'}
        </Alert>
      ))}
      {notices.map(({ severity, text }, index) => (
        <Alert key={index} severity={severity} title={text} />
      ))}
      {!errors && series.every((frame) => frame.length === 0) && <p>No data</p>}
      {lines.length > 0 && (
        <Box name="Graph">
          <Graph frames={lines} timeRange={timeRange} />
        </Box>
      )}
      {nodes.length > 0 && (
        <Box name="Node graph">
          <NodeGraph frames={nodes} />
        </Box>
      )}
      {others
        .filter((frame) => frame.length > 0)
        .map((frame, index) => (
          <Other key={index} frame={frame} />
        ))}
      <Inspector frames={series} />
    </>
  );
}

function Other({ frame }: { frame: DataFrame }) {
  switch (kindOf(frame)) {
    case 'flameGraph':
      return (
        <Box name="Flame graph">
          <FlameGraph data={frame} getTheme={() => config.theme2} />
        </Box>
      );
    case 'heatMap':
      return (
        <Box name="Heat map">
          <HeatMap frame={frame} />
        </Box>
      );
    default:
      return (
        <Box name={frame.name ?? 'Table'}>
          <FrameTable frame={frame} />
        </Box>
      );
  }
}

function Box({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <section className={styles.box} aria-label={name}>
      <h2 className={styles.title}>{name}</h2>
      {children}
    </section>
  );
}

const { colors, shape, spacing, typography } = config.theme2;
const styles = {
  box: css({
    background: colors.background.primary,
    border: `1px solid ${colors.border.weak}`,
    borderRadius: shape.radius.default,
    marginBottom: spacing(2),
    padding: spacing(1),
  }),
  title: css({ fontSize: typography.body.fontSize, margin: spacing(0, 0, 1) }),
};
