import { css } from '@emotion/css';
import { type DataFrame, formattedValueToString, getValueFormat } from '@grafana/data';
import { config } from '@grafana/runtime';

/** What Grafana's query inspector tells: the executed query and its cost. */
export function Inspector({ frames }: { frames: DataFrame[] }) {
  const meta = frames.find((frame) => frame.meta?.executedQueryString)?.meta;
  if (!meta) {
    return null;
  }
  return (
    <details className={styles.box}>
      <summary>Query inspector</summary>
      <table className={styles.stats}>
        <tbody>
          {meta.stats?.map((stat) => (
            <tr key={stat.displayName}>
              <th scope="row">{stat.displayName}</th>
              <td>{formattedValueToString(getValueFormat(stat.unit)(stat.value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <pre>{meta.executedQueryString}</pre>
    </details>
  );
}

const styles = {
  box: css({ marginBottom: config.theme2.spacing(2) }),
  stats: css({ margin: config.theme2.spacing(1), '& th': { paddingRight: config.theme2.spacing(4) } }),
};
