import { type DataFrame, FieldType } from '@grafana/data';
import { Table } from '@grafana/ui';
import { useMemo } from 'react';

import { useWidth } from './useWidth';

/** A frame in Grafana's own table. */
export function FrameTable({ frame }: { frame: DataFrame }) {
  const [width, ref] = useWidth();
  const data = useMemo(() => withWideText(frame), [frame]);
  return (
    <div ref={ref}>
      {width > 0 && (
        <Table data={data} width={width} height={Math.min(400, 40 + 36 * frame.length)} ariaLabel={frame.name} />
      )}
    </div>
  );
}

/** Names of functions are long: the first column has more room where it is text. */
function withWideText(frame: DataFrame): DataFrame {
  const [first, ...others] = frame.fields;
  if (first?.name !== 'function' || first.type !== FieldType.string) {
    return frame;
  }
  const custom = { ...first.config.custom, width: 420 };
  return { ...frame, fields: [{ ...first, config: { ...first.config, custom } }, ...others] };
}
