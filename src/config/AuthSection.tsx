import { type DataSourceSettings } from '@grafana/data';
import { Auth, AuthMethod, type AuthProps, convertLegacyAuthProps } from '@grafana/plugin-ui';
import { Field, SecretInput } from '@grafana/ui';
import React, { useState } from 'react';

import { texts } from '../texts';
import { type PyrofrontOptions, type PyrofrontSecrets } from '../types';

import { type EditedHeader, headersOf, withHeaders } from './headers';

type Settings = DataSourceSettings<PyrofrontOptions, PyrofrontSecrets>;

export interface AuthSectionProps {
  settings: Settings;
  onChange: (settings: Settings) => void;
}

const bearer = 'custom-bearer';

/** Certificates, credentials and extra headers, with Grafana's own parts and names. */
export function AuthSection({ settings, onChange }: AuthSectionProps) {
  const common = convertLegacyAuthProps({ config: settings, onChange });
  const readOnly = settings.readOnly ?? false;
  const [bearerChosen, setBearerChosen] = useState(hasBearer(settings));
  const { tlsEnabled } = settings.jsonData;

  const onAuthMethodSelect: AuthProps['onAuthMethodSelect'] = (method) => {
    setBearerChosen(method === bearer);
    const chosen = { ...settings, basicAuth: method === AuthMethod.BasicAuth };
    onChange(method === bearer ? chosen : withBearer(chosen, ''));
  };

  return (
    <Auth
      {...common}
      readOnly={readOnly}
      TLS={tlsEnabled ? settled(common.TLS) : undefined}
      visibleMethods={[AuthMethod.NoAuth, AuthMethod.BasicAuth, bearer]}
      selectedMethod={bearerChosen ? bearer : common.selectedMethod}
      onAuthMethodSelect={onAuthMethodSelect}
      customMethods={[
        {
          id: bearer,
          label: texts.config.bearer,
          description: texts.config.bearerHelp,
          component: <BearerToken settings={settings} onChange={onChange} readOnly={readOnly} />,
        },
      ]}
      customHeaders={{
        headers: headersOf(settings),
        onChange: (headers) => onChange(withHeaders(settings, headers.map(asEdited))),
      }}
    />
  );
}

/** Fields that are not set yet are off or empty: React wants fields with a value from the start. */
function settled(TLS: AuthProps['TLS']): AuthProps['TLS'] {
  if (!TLS) {
    return undefined;
  }
  const { TLSClientAuth: client, skipTLSVerification: skip } = TLS;
  return {
    ...TLS,
    TLSClientAuth: { ...client, enabled: Boolean(client.enabled), serverName: client.serverName ?? '' },
    skipTLSVerification: { ...skip, enabled: Boolean(skip.enabled) },
  };
}

function BearerToken({ settings, onChange, readOnly }: AuthSectionProps & { readOnly: boolean }) {
  return (
    <Field label={texts.config.bearerToken} disabled={readOnly} noMargin required>
      <SecretInput
        id="pyrofront-bearer-token"
        isConfigured={settings.secureJsonFields?.bearerToken ?? false}
        value={settings.secureJsonData?.bearerToken ?? ''}
        onChange={(event) => onChange(withBearer(settings, event.currentTarget.value))}
        onReset={() => onChange(withBearer(settings, ''))}
        disabled={readOnly}
      />
    </Field>
  );
}

function hasBearer({ secureJsonData, secureJsonFields }: Settings): boolean {
  return Boolean(secureJsonFields?.bearerToken || secureJsonData?.bearerToken);
}

/** Sets the token anew; the empty one takes the stored one away. */
function withBearer(settings: Settings, bearerToken: string): Settings {
  if (bearerToken === '' && !hasBearer(settings)) {
    return settings;
  }
  return {
    ...settings,
    secureJsonData: { ...settings.secureJsonData, bearerToken },
    secureJsonFields: { ...settings.secureJsonFields, bearerToken: false },
  };
}

function asEdited(header: { name: string; value?: string; configured: boolean }): EditedHeader {
  return { ...header, value: header.value ?? '' };
}
