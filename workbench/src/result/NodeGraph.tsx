import { css } from '@emotion/css';
import { type DataFrame, type Field } from '@grafana/data';
import { config } from '@grafana/runtime';

interface Node {
  id: string;
  lines: string[];
  arcs: Array<{ share: number; color: string }>;
}

const column = 340;
const row = 150;
const radius = 34;

/** Nodes in columns by their distance from the first: a plain form of Grafana's node graph panel. */
export function NodeGraph({ frames }: { frames: DataFrame[] }) {
  const nodesFrame = frames.find((frame) => !named(frame, 'source'));
  const edgesFrame = frames.find((frame) => named(frame, 'source'));
  const nodes = nodesFrame ? nodesOf(nodesFrame) : [];
  const edges = edgesFrame ? edgesOf(edgesFrame) : [];
  const places = place(nodes, edges);
  const width = column * (1 + Math.max(0, ...[...places.values()].map(({ x }) => x)));
  const height = row * (1 + Math.max(0, ...[...places.values()].map(({ y }) => y)));
  const at = (id: string) => {
    const { x, y } = places.get(id) ?? { x: 0, y: 0 };
    return { x: column * (x + 0.5), y: row * y + radius + 6 };
  };

  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Nodes">
      <svg width={width} height={height} role="img" aria-label={`${nodes.length} nodes, ${edges.length} edges`}>
        {edges.map(([source, target]) => (
          <line
            key={`${source} ${target}`}
            className={styles.edge}
            x1={at(source).x}
            y1={at(source).y}
            x2={at(target).x}
            y2={at(target).y}
          />
        ))}
        {nodes.map((node) => (
          <g key={node.id} transform={`translate(${at(node.id).x} ${at(node.id).y})`}>
            <Ring arcs={node.arcs} />
            {node.lines.map((line, index) => (
              <text key={index} className={styles.text} y={radius + 16 + 14 * index}>
                {line}
              </text>
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** A circle whose rim is divided into shares. */
function Ring({ arcs }: { arcs: Node['arcs'] }) {
  const around = 2 * Math.PI * radius;
  let before = 0;
  return (
    <>
      <circle className={styles.circle} r={radius} />
      {arcs.map(({ share, color }, index) => {
        const offset = -before * around;
        before += share;
        return (
          <circle
            key={index}
            r={radius}
            fill="none"
            stroke={color}
            strokeWidth={5}
            strokeDasharray={`${share * around} ${around}`}
            strokeDashoffset={offset}
          />
        );
      })}
    </>
  );
}

function nodesOf(frame: DataFrame): Node[] {
  const text = (name: string, index: number) => String(named(frame, name)?.values[index] ?? '');
  const arcs = frame.fields.filter((field) => field.name.startsWith('arc__'));
  return Array.from({ length: frame.length }, (_, index) => ({
    id: text('id', index),
    lines: ['title', 'subtitle', 'mainstat', 'secondarystat'].map((name) => text(name, index)).filter(Boolean),
    arcs: arcs.map((field) => ({ share: field.values[index] ?? 0, color: colorOf(field) })),
  }));
}

function edgesOf(frame: DataFrame): Array<[string, string]> {
  const [sources, targets] = [named(frame, 'source'), named(frame, 'target')];
  return Array.from({ length: frame.length }, (_, index) => [sources?.values[index], targets?.values[index]]);
}

/** Puts every node one column right of the first node that leads to it. */
function place(nodes: Node[], edges: Array<[string, string]>) {
  const targets = new Set(edges.map(([, target]) => target));
  const places = new Map<string, { x: number; y: number }>();
  let layer = nodes.map(({ id }) => id).filter((id) => !targets.has(id));
  for (let x = 0; layer.length > 0; x++) {
    layer.forEach((id, y) => places.set(id, { x, y }));
    const here = new Set(layer);
    const next = edges.filter(([source, target]) => here.has(source) && !places.has(target));
    layer = [...new Set(next.map(([, target]) => target))];
  }
  return places;
}

function named(frame: DataFrame, name: string): Field | undefined {
  return frame.fields.find((field) => field.name === name);
}

function colorOf(field: Field): string {
  return config.theme2.visualization.getColorByName(field.config.color?.fixedColor ?? 'gray');
}

const { colors } = config.theme2;
const styles = {
  scroll: css({ overflow: 'auto', maxHeight: 500 }),
  edge: css({ stroke: colors.border.strong }),
  circle: css({ fill: colors.background.secondary, stroke: colors.border.medium }),
  text: css({ fill: colors.text.primary, fontSize: 12, textAnchor: 'middle' }),
};
