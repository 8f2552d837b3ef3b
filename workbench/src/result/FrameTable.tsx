import { type DataFrame } from '@grafana/data';
import { Table } from '@grafana/ui';

import { useWidth } from './useWidth';

/** A frame in Grafana's own table. */
export function FrameTable({ frame }: { frame: DataFrame }) {
  const [width, ref] = useWidth();
  return (
    <div ref={ref}>
      {width > 0 && (
        <Table data={frame} width={width} height={Math.min(400, 40 + 36 * frame.length)} ariaLabel={frame.name} />
      )}
    </div>
  );
}
