import { css } from '@emotion/css';
import { type DataSourcePluginOptionsEditorProps, type GrafanaTheme2 } from '@grafana/data';
import { Divider, Stack, Text, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';

import { texts } from '../texts';
import { type PyrofrontOptions, type PyrofrontSecrets } from '../types';

import { AuthSection } from './AuthSection';
import { ConnectionSection } from './ConnectionSection';
import { LimitsSection } from './LimitsSection';
import { type ChangeOptions } from './SectionProps';
import { SymbolsSection } from './SymbolsSection';
import { TracesSection } from './TracesSection';

export type ConfigEditorProps = DataSourcePluginOptionsEditorProps<PyrofrontOptions, PyrofrontSecrets>;

/** The settings of a data source. A provisioned one cannot be changed, which Grafana's page says above. */
export function ConfigEditor({ options: settings, onOptionsChange }: ConfigEditorProps) {
  const styles = useStyles2(getStyles);
  const readOnly = settings.readOnly ?? false;
  const { jsonData } = settings;
  const change: ChangeOptions = (changes) =>
    onOptionsChange({ ...settings, jsonData: withoutEmpty({ ...jsonData, ...changes }) });

  return (
    <div className={styles.editor}>
      <Intro />
      <Divider />
      <ConnectionSection jsonData={jsonData} onChange={change} readOnly={readOnly} />
      <Divider />
      <AuthSection settings={settings} onChange={onOptionsChange} />
      <Divider />
      <LimitsSection jsonData={jsonData} onChange={change} readOnly={readOnly} />
      <Divider />
      <SymbolsSection uid={settings.uid} jsonData={jsonData} onChange={change} readOnly={readOnly} />
      <Divider />
      <TracesSection jsonData={jsonData} onChange={change} readOnly={readOnly} />
    </div>
  );
}

function Intro() {
  return (
    <Stack direction="column" gap={2}>
      <Text color="secondary">
        {texts.config.intro}{' '}
        <TextLink href="https://github.com/pyrofront/pyrofront#readme" external>
          {texts.config.docs}
        </TextLink>
      </Text>
      <Text color="secondary" italic>
        {texts.config.required}
      </Text>
    </Stack>
  );
}

/** A field that is emptied is not set, so that the backend's default holds. */
function withoutEmpty(options: PyrofrontOptions): PyrofrontOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== ''));
}

const getStyles = (theme: GrafanaTheme2) => ({
  editor: css({ maxWidth: theme.breakpoints.values.md, marginBottom: theme.spacing(4) }),
});
