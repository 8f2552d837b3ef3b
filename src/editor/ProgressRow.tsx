import { css } from '@emotion/css';
import { getValueFormat, type GrafanaTheme2, LoadingState, type PanelData } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import { Stack, useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';

import { unseen } from '../components/unseen';
import { progressIn } from '../query/progress';
import { texts } from '../texts';
import { type Progress } from '../types';

interface ProgressRowProps {
  refId: string;
  data: PanelData | undefined;
}

/** How much of the answer there is, while it is not whole; screen readers are told that it comes, and how it ends. */
export function ProgressRow({ refId, data }: ProgressRowProps) {
  const running = data?.state === LoadingState.Loading || data?.state === LoadingState.Streaming;
  const known = data && progressIn(data.series, refId);
  const progress = running && known && known.total > 0 ? known : undefined;
  const spoken = useSpoken(progress, known ? undefined : data?.state);
  return (
    <>
      {progress && <Bar key={progress.done} progress={progress} />}
      {spoken && <Spoken text={spoken} />}
    </>
  );
}

/**
 * What is said of an answer that comes in parts: each quarter of it, and how it ended. A bar says nothing by itself. The
 * state is that of an answer that is whole or failed; one that was left at a part has none.
 */
function useSpoken(progress: Progress | undefined, state: LoadingState | undefined): string {
  const [begun, setBegun] = useState(false);
  // The next answer begins without any: it may be there at once, which needs no words.
  const begins = Boolean(progress) || (begun && state !== LoadingState.Loading);
  if (begins !== begun) {
    setBegun(begins);
  }
  if (progress) {
    const quarter = Math.min(3, Math.floor((4 * progress.done) / progress.total));
    return quarter > 0 ? texts.progress.spoken(25 * quarter) : texts.progress.label;
  }
  if (begun && state === LoadingState.Done) {
    return texts.progress.whole;
  }
  return begun && state === LoadingState.Error ? texts.progress.failed : '';
}

function Spoken({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div aria-live="polite" className={styles.spoken}>
      {text}
    </div>
  );
}

function Bar({ progress }: { progress: Progress }) {
  const styles = useStyles2(getStyles);
  const seconds = useCountdown(progress);
  const percent = Math.min(99, Math.floor((100 * progress.done) / progress.total));
  const text = describe(progress, percent, seconds);
  return (
    <EditorRow>
      <Stack direction="row" gap={1} alignItems="center" grow={1}>
        <div
          role="progressbar"
          aria-label={texts.progress.label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={text}
          className={styles.bar}
        >
          <div className={styles.done} style={{ width: `${percent}%` }} />
        </div>
        <div className={styles.text}>{text}</div>
      </Stack>
    </EditorRow>
  );
}

/** The seconds that are left, counted down from what the answer said. */
function useCountdown({ secondsLeft }: Progress): number | undefined {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = setInterval(() => setPassed((Date.now() - began) / 1000), 1000);
    return () => clearInterval(timer);
  }, []);
  return secondsLeft === undefined ? undefined : Math.max(1, Math.ceil(secondsLeft - passed));
}

function describe({ total }: Progress, percent: number, seconds: number | undefined): string {
  const { text, suffix = '' } = getValueFormat('decbytes')(total, 1);
  const sofar = texts.progress.sofar(percent, `${text}${suffix}`);
  if (seconds === undefined) {
    return sofar;
  }
  const left = seconds > 90 ? texts.progress.minutes(Math.ceil(seconds / 60)) : texts.progress.seconds(seconds);
  return texts.progress.left(sofar, left);
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    flexGrow: 1,
    minWidth: theme.spacing(10),
    maxWidth: theme.spacing(40),
    height: theme.spacing(1),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.background.canvas,
    border: `1px solid ${theme.colors.border.medium}`,
    overflow: 'hidden',
  }),
  done: css({ height: '100%', background: theme.colors.primary.main }),
  spoken: css(unseen),
  text: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
