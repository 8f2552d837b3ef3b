import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Collapse, Stack, useStyles2 } from '@grafana/ui';
import React from 'react';

import { summariseOptions } from '../query/describe';
import { functionsHint } from '../query/functionsHint';
import { optionsFor } from '../query/options';
import { texts } from '../texts';

import { Hint } from './Hint';
import { OptionField } from './OptionField';
import { type OptionsProps } from './OptionsProps';

export interface OptionsRowProps extends OptionsProps {
  open: boolean;
  onToggle: (open: boolean) => void;
}

/** The options of the query's type, summed up while the row is closed. */
export function OptionsRow({ open, onToggle, ...props }: OptionsRowProps) {
  const { query, app } = props;
  const styles = useStyles2(getStyles);
  const hint = functionsHint(query, app);
  const summary = summariseOptions(query, app);
  const label = (
    <span className={styles.label}>
      <span>{texts.options.title}</span>
      {!open && <span className={styles.summary}>{summary.join(' · ') || texts.options.none}</span>}
    </span>
  );
  return (
    <Collapse className={styles.row} isOpen={open} onToggle={onToggle} label={label}>
      <Stack direction="row" gap={2} wrap="wrap" alignItems="flex-start">
        {hint && <Hint {...hint} />}
        {optionsFor(query.queryType, app).map((option) => (
          <OptionField key={option} {...props} option={option} />
        ))}
      </Stack>
    </Collapse>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ marginBottom: 0, backgroundColor: theme.colors.background.secondary, border: 'none' }),
  label: css({ display: 'flex', gap: theme.spacing(2), fontSize: theme.typography.bodySmall.fontSize }),
  summary: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
});
