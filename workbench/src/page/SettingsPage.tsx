import { css } from '@emotion/css';
import { DataSourcePluginContextProvider, type DataSourceSettings } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Alert, Button, Field, Input } from '@grafana/ui';
import { useState } from 'react';

import { type Services } from '../host/services';

interface SettingsPageProps {
  services: Services;
  saved: DataSourceSettings;
  onSaved: () => void;
}

interface Outcome {
  severity: 'success' | 'error';
  title: string;
  details?: string;
}

/** Grafana's page of a data source's settings, around the plugin's own editor. */
export function SettingsPage({ services, saved, onSaved }: SettingsPageProps) {
  const { dataSources, loaded } = services;
  const [settings, setSettings] = useState(() => structuredClone(saved));
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const ConfigEditor = loaded.plugin.components.ConfigEditor;
  const instance = dataSources.getInstanceSettings(saved.uid);

  const saveAndTest = async () => {
    setBusy(true);
    setOutcome(undefined);
    try {
      if (!saved.readOnly) {
        await dataSources.save(settings);
        const after = dataSources.settings().find((one) => one.uid === saved.uid);
        setSettings(structuredClone(after ?? settings));
        onSaved();
      }
      setOutcome(await test(services, saved.uid));
    } catch (error) {
      setOutcome({ severity: 'error', title: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className={styles.page}>
      {saved.readOnly && (
        <Alert severity="info" title="Provisioned data source">
          This data source was added by config and cannot be modified using the UI.
        </Alert>
      )}
      <Field label="Name" htmlFor="workbench-name" disabled={saved.readOnly}>
        <Input
          id="workbench-name"
          value={settings.name}
          onChange={(event) => setSettings({ ...settings, name: event.currentTarget.value })}
          width={40}
        />
      </Field>
      {ConfigEditor && instance && (
        <DataSourcePluginContextProvider instanceSettings={instance}>
          <ConfigEditor options={settings} onOptionsChange={setSettings} />
        </DataSourcePluginContextProvider>
      )}
      <div className={styles.outcome} aria-live="polite">
        {outcome && (
          <Alert severity={outcome.severity} title={outcome.title}>
            {outcome.details && <pre className={styles.details}>{outcome.details}</pre>}
          </Alert>
        )}
      </div>
      <Button onClick={saveAndTest} disabled={busy}>
        {saved.readOnly ? 'Test' : 'Save & test'}
      </Button>
    </div>
  );
}

/** Asks as Grafana does, and reads the answer as Grafana does. */
async function test({ dataSources }: Services, uid: string): Promise<Outcome> {
  const dataSource = await dataSources.get(uid);
  try {
    const result: { message?: string } = await dataSource.testDatasource();
    return { severity: 'success', title: result.message ?? 'Success' };
  } catch (error) {
    const details = (error as { details?: object }).details;
    return {
      severity: 'error',
      title: messageOf(error),
      details: details && JSON.stringify(details, undefined, 2),
    };
  }
}

function messageOf(error: unknown): string {
  const { message, data } = error as { message?: string; data?: { message?: string } };
  return message ?? data?.message ?? String(error);
}

const { spacing } = config.theme2;
const styles = {
  page: css({ maxWidth: 760 }),
  outcome: css({ paddingTop: spacing(3) }),
  details: css({ margin: 0 }),
};
