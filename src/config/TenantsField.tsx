import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Field, IconButton, Input, useStyles2 } from '@grafana/ui';
import React, { type KeyboardEvent, useState } from 'react';

import { useAfterPress } from '../components/useAfterPress';
import { texts } from '../texts';

import { tenantsProblem } from './validate';

export interface TenantsFieldProps {
  tenants: string[];
  onChange: (tenants: string[]) => void;
  readOnly: boolean;
}

/**
 * A list of tenants, of any length that Pyroscope allows. Grafana's field for tags cuts what is longer than 50
 * characters, and what is left may be the name of somebody else.
 */
export function TenantsField({ tenants, onChange, readOnly }: TenantsFieldProps) {
  const styles = useStyles2(getStyles);
  const [typed, setTyped] = useState('');
  const afterPress = useAfterPress();
  const name = typed.trim();
  const problem = tenantsProblem(name ? [...tenants, name] : tenants);

  const add = () => {
    setTyped('');
    if (name && !tenants.includes(name)) {
      onChange([...tenants, name]);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      // It does not save the page.
      event.preventDefault();
      add();
    }
  };

  return (
    <Field
      label={texts.config.tenants}
      description={texts.config.tenantsHelp}
      htmlFor="pyrofront-tenants"
      invalid={Boolean(problem)}
      error={problem}
      disabled={readOnly}
      noMargin
    >
      <div className={styles.list}>
        <Input
          id="pyrofront-tenants"
          value={typed}
          placeholder={texts.config.tenantsPlaceholder}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => afterPress(add)}
          disabled={readOnly}
          invalid={Boolean(problem)}
          aria-invalid={Boolean(problem)}
          spellCheck={false}
          suffix={
            <Button fill="text" size="sm" onClick={add} disabled={readOnly || !name}>
              {texts.config.addTenant}
            </Button>
          }
        />
        {tenants.length > 0 && (
          <ul className={styles.tenants}>
            {tenants.map((tenant) => (
              <li key={tenant} className={tenantsProblem([tenant]) ? styles.badTenant : styles.tenant}>
                <span>{tenant}</span>
                <IconButton
                  name="times"
                  size="sm"
                  aria-label={texts.config.removeTenant(tenant)}
                  onClick={() => onChange(tenants.filter((other) => other !== tenant))}
                  disabled={readOnly}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Field>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const tenant = css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    maxWidth: '100%',
    padding: theme.spacing(0.25, 1),
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    overflowWrap: 'anywhere',
  });
  return {
    list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
    tenants: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5), listStyle: 'none' }),
    tenant,
    badTenant: css(tenant, { borderColor: theme.colors.error.border, color: theme.colors.error.text }),
  };
};
