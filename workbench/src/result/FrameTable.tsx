import { type DataFrame } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';

import { useWidth } from './useWidth';

/** A frame in Grafana's own table, as its panel and Explore draw it. */
export function FrameTable({ frame }: { frame: DataFrame }) {
  const [width, ref] = useWidth();
  const height = Math.min(400, 40 + 36 * frame.length);
  return (
    <div ref={ref} style={{ height }}>
      {width > 0 && <TableNG data={frame} width={width} height={height} structureRev={1} />}
    </div>
  );
}
