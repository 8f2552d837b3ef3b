import { css } from '@emotion/css';
import { type GrafanaTheme2, type QueryEditorHelpProps } from '@grafana/data';
import { Card, useStyles2 } from '@grafana/ui';
import React from 'react';

import { describeQuery } from '../query/describe';
import { migrateQuery } from '../query/migrate';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

import { type Example, examples } from './examples';
import { asExample } from './mark';

export type QueryHelpProps = Pick<QueryEditorHelpProps<PyrofrontQuery>, 'query' | 'onClickExample'>;

/** Examples that run on a click. */
export function QueryHelp({ query, onClickExample }: QueryHelpProps) {
  const styles = useStyles2(getStyles);
  const current = migrateQuery(query);
  return (
    <section aria-label={texts.help.title}>
      <h2>{texts.help.title}</h2>
      <p>{texts.help.intro}</p>
      {examples.map((example) => {
        const asked = queryOf(example, current);
        const { title, text } = texts.help.examples[example.name];
        return (
          <Card key={example.name} onClick={() => onClickExample(asExample(asked))} noMargin className={styles.example}>
            <Card.Heading>{title}</Card.Heading>
            <Card.Description>{text}</Card.Description>
            <Card.Meta>
              <code>{describeQuery(asked)}</code>
            </Card.Meta>
          </Card>
        );
      })}
      <p>{texts.help.more}</p>
    </section>
  );
}

/** The example, of the profile type that the user looks at unless the example is about another. */
function queryOf({ query, anyType }: Example, current: PyrofrontQuery): PyrofrontQuery {
  const { refId, datasource } = current;
  const profileTypeId = (anyType && current.profileTypeId) || query.profileTypeId;
  return { ...query, refId, datasource, profileTypeId };
}

const getStyles = (theme: GrafanaTheme2) => ({
  example: css({ marginBottom: theme.spacing(1) }),
});
