import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';

export interface HintProps {
  text: string;
  /** Something does not do what it seems to. */
  warning?: boolean;
  /** What can be done about it. */
  children?: React.ReactNode;
}

/** A line that says what a choice comes to; screen readers tell it when it appears. */
export function Hint({ text, warning = false, children }: HintProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.line}>
      <span role="status" className={cx(styles.hint, warning && styles.warning)}>
        <Icon name="info-circle" size="sm" /> {text}
      </span>
      {children}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // A line of its own among fields.
  line: css({ flexBasis: '100%', display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  hint: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
  warning: css({ color: theme.colors.warning.text }),
});
