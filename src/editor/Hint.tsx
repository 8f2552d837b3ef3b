import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';

export interface HintProps {
  text: string;
  /** Something does not do what it seems to. */
  warning?: boolean;
}

/** A line that says what a choice comes to; screen readers tell it when it appears. */
export function Hint({ text, warning = false }: HintProps) {
  const styles = useStyles2(getStyles);
  return (
    <div role="status" className={cx(styles.hint, warning && styles.warning)}>
      <Icon name="info-circle" size="sm" /> {text}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // A line of its own among fields.
  hint: css({
    flexBasis: '100%',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
  warning: css({ color: theme.colors.warning.text }),
});
