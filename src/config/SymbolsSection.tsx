import { ConfigSection } from '@grafana/plugin-ui';
import { getBackendSrv } from '@grafana/runtime';
import { Alert, Button, Field, Input, Stack, Switch } from '@grafana/ui';
import React, { useState } from 'react';

import { CountInput, LinesInput } from '../components/DraftInput';
import { texts } from '../texts';
import { type PyrofrontOptions } from '../types';

import { durationProblem } from './validate';

interface SymbolsSectionProps {
  uid: string;
  jsonData: PyrofrontOptions;
  onChange: (changes: Partial<PyrofrontOptions>) => void;
  readOnly: boolean;
}

/** Who has names for native code, how long they are waited for, and what is kept of them. */
export function SymbolsSection({ uid, jsonData, onChange, readOnly }: SymbolsSectionProps) {
  const fields = { jsonData, onChange, readOnly };
  const patienceProblem = durationProblem(jsonData.symbolTimeout, false);
  const pathProblem = folderProblem(jsonData.symbolCacheDir);
  return (
    <ConfigSection title={texts.symbols.title} description={texts.symbols.help} isCollapsible isInitiallyOpen={false}>
      <ServersField {...fields} />
      <ServersTest uid={uid} />
      <Field
        label={texts.symbols.debuginfodAuth.label}
        description={texts.symbols.debuginfodAuth.help}
        disabled={readOnly}
      >
        <Switch
          id="pyrofront-debuginfodAuth"
          value={jsonData.debuginfodAuth ?? false}
          onChange={(event) => onChange({ debuginfodAuth: event.currentTarget.checked })}
        />
      </Field>
      <TextField {...fields} field="symbolTimeout" problem={patienceProblem} />
      <BytesField {...fields} field="symbolMaxBytes" />
      <BytesField {...fields} field="symbolCacheMaxBytes" />
      <TextField {...fields} field="symbolCacheDir" problem={pathProblem} />
      <BytesField {...fields} field="symbolCacheDirMaxBytes" />
    </ConfigSection>
  );
}

type FieldProps = Omit<SymbolsSectionProps, 'uid'>;

function ServersField({ jsonData, onChange, readOnly }: FieldProps) {
  const { label, help, placeholder } = texts.symbols.debuginfodUrls;
  const problem = serversProblem(jsonData.debuginfodUrls);
  return (
    <Field label={label} description={help} invalid={Boolean(problem)} error={problem} disabled={readOnly}>
      <LinesInput
        id="pyrofront-debuginfodUrls"
        value={jsonData.debuginfodUrls}
        placeholder={placeholder}
        onChange={(urls) => onChange({ debuginfodUrls: urls.length > 0 ? urls : undefined })}
        aria-invalid={Boolean(problem)}
        spellCheck={false}
      />
    </Field>
  );
}

/** One entry of the `symbolServers` resource. */
interface SymbolServer {
  url: string;
  ok: boolean;
  milliseconds: number;
  error?: string;
}

/** Asks each saved server whether it is one. */
function ServersTest({ uid }: { uid: string }) {
  const [asking, setAsking] = useState(false);
  const [servers, setServers] = useState<SymbolServer[]>();
  const [failure, setFailure] = useState<string>();
  const ask = async () => {
    setAsking(true);
    setFailure(undefined);
    try {
      setServers(await getBackendSrv().get<SymbolServer[]>(`/api/datasources/uid/${uid}/resources/symbolServers`));
    } catch (error) {
      setServers(undefined);
      setFailure(messageOf(error));
    } finally {
      setAsking(false);
    }
  };
  return (
    <Stack direction="column" gap={1}>
      <div>
        <Button variant="secondary" type="button" onClick={() => void ask()} disabled={asking}>
          {asking ? texts.symbols.testing : texts.symbols.test}
        </Button>
      </div>
      <div role="status">
        {servers?.length === 0 && texts.symbols.noServers}
        {servers?.map((server) =>
          server.ok ? (
            <Alert key={server.url} severity="success" title={texts.symbols.answers(server.url, server.milliseconds)} />
          ) : (
            <Alert key={server.url} severity="error" title={texts.symbols.fails(server.url, server.error ?? '')} />
          )
        )}
        {failure !== undefined && <Alert severity="error" title={failure} />}
      </div>
    </Stack>
  );
}

function messageOf(error: unknown): string {
  const { data, message } = error as { data?: { message?: string }; message?: string };
  return data?.message ?? message ?? String(error);
}

type TextFieldProps = FieldProps & { field: 'symbolTimeout' | 'symbolCacheDir'; problem: string | undefined };

function TextField({ field, problem, jsonData, onChange, readOnly }: TextFieldProps) {
  const { label, help, placeholder } = texts.symbols[field];
  return (
    <Field label={label} description={help} invalid={Boolean(problem)} error={problem} disabled={readOnly}>
      <Input
        id={`pyrofront-${field}`}
        value={jsonData[field] ?? ''}
        placeholder={placeholder}
        onChange={(event) => onChange({ [field]: event.currentTarget.value.trim() })}
        aria-invalid={Boolean(problem)}
        width={40}
      />
    </Field>
  );
}

type BytesFieldProps = FieldProps & { field: 'symbolMaxBytes' | 'symbolCacheMaxBytes' | 'symbolCacheDirMaxBytes' };

function BytesField({ field, jsonData, onChange, readOnly }: BytesFieldProps) {
  const { label, help, placeholder } = texts.symbols[field];
  const [valid, setValid] = useState(true);
  const error = valid ? undefined : texts.options.badCount;
  return (
    <Field label={label} description={help} invalid={!valid} error={error} disabled={readOnly}>
      <CountInput
        id={`pyrofront-${field}`}
        value={jsonData[field]}
        placeholder={placeholder}
        onChange={(count) => onChange({ [field]: count } as Partial<PyrofrontOptions>)}
        onValidity={setValid}
        suffix={texts.symbols.bytes}
        width={40}
      />
    </Field>
  );
}

/** Says which server has no valid URL, if one has not. */
function serversProblem(urls: string[] | undefined): string | undefined {
  return urls?.map(urlProblem).find((problem) => problem !== undefined);
}

function urlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    return texts.symbols.badURL(text);
  }
  return url.username || url.password ? texts.symbols.urlHasUser : undefined;
}

/** Grafana's server may run on Windows, where a path starts with its drive. */
function folderProblem(path: string | undefined): string | undefined {
  return !path || /^(\/|[a-zA-Z]:[\\/]|\\\\)/.test(path) ? undefined : texts.symbols.badPath;
}
