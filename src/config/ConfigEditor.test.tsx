import { type DataSourceSettings } from '@grafana/data';
import { type DataSourcePickerProps } from '@grafana/runtime';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { type PyrofrontOptions, type PyrofrontSecrets } from '../types';

import { ConfigEditor } from './ConfigEditor';

type Settings = DataSourceSettings<PyrofrontOptions, PyrofrontSecrets>;

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  // The real one asks Grafana for its data sources.
  DataSourcePicker: ({ inputId, current, onChange, onClear, tracing }: DataSourcePickerProps) => (
    <>
      <input
        id={inputId}
        value={String(current ?? '')}
        data-tracing={tracing}
        onChange={(event) => onChange({ uid: event.currentTarget.value } as Parameters<typeof onChange>[0])}
      />
      {onClear && <button onClick={onClear}>Clear traces</button>}
    </>
  ),
}));

const saved = {
  id: 1,
  uid: 'profiles',
  orgId: 1,
  name: 'Profiles',
  typeLogoUrl: '',
  type: 'pyrofront-pyroscope-datasource',
  typeName: 'Pyrofront',
  access: 'proxy',
  url: '',
  user: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  withCredentials: false,
  readOnly: false,
  jsonData: {},
  secureJsonFields: {},
} as unknown as Settings;

function edit(changes: Partial<Settings> = {}) {
  let current: Settings = { ...saved, ...changes };
  function Host() {
    const [settings, setSettings] = useState(current);
    const onOptionsChange = (next: Settings) => {
      current = next;
      setSettings(next);
    };
    return <ConfigEditor options={settings} onOptionsChange={onOptionsChange} />;
  }
  render(<Host />);
  return { user: userEvent.setup(), settings: () => current };
}

function type(label: string | RegExp, value: string) {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

describe('the connection', () => {
  it('takes the two addresses', () => {
    const { settings } = edit();
    type(/^Metastore address/, 'metastore:9095');
    type(/^Query-backend address/, 'dns:///backend.svc:9095');
    expect(settings().jsonData).toEqual({
      metastoreAddress: 'metastore:9095',
      queryBackendAddress: 'dns:///backend.svc:9095',
    });
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('says what is wrong with an address as it is typed, and shows an example', () => {
    edit();
    expect(screen.getByLabelText(/^Metastore address/)).toHaveAttribute(
      'placeholder',
      expect.stringContaining('dns:///')
    );
    type(/^Metastore address/, 'http://metastore');
    expect(screen.getByRole('alert')).toHaveTextContent('gRPC addresses have no http://');
    expect(screen.getByLabelText(/^Metastore address/)).toBeInvalid();
  });

  it('trims an address that was pasted', async () => {
    const { settings } = edit();
    type(/^Metastore address/, ' metastore:9095 ');
    fireEvent.blur(screen.getByLabelText(/^Metastore address/));
    expect(settings().jsonData.metastoreAddress).toBe('metastore:9095');
  });

  it('does not keep an emptied field', () => {
    const { settings } = edit({ jsonData: { metastoreAddress: 'a:1', queryBackendAddress: 'b:1' } });
    type(/^Metastore address/, '');
    expect(settings().jsonData).toEqual({ queryBackendAddress: 'b:1' });
  });

  it('takes tenants as tags', async () => {
    const { user, settings } = edit();
    await user.type(screen.getByLabelText(/^Tenants/), 'team-a{Enter}team-b{Enter}');
    expect(settings().jsonData.tenants).toEqual(['team-a', 'team-b']);
    await user.click(screen.getByRole('button', { name: /Remove.*team-a/ }));
    await user.click(screen.getByRole('button', { name: /Remove.*team-b/ }));
    expect(settings().jsonData.tenants).toBeUndefined();
  });

  it('takes a tenant as long as Pyroscope does, and cuts none', async () => {
    const { user, settings } = edit();
    const long = `${'team-'.repeat(29)}12345`;
    expect(long).toHaveLength(150);
    await user.click(screen.getByLabelText(/^Tenants/));
    await user.paste(long);
    await user.tab();
    expect(settings().jsonData.tenants).toEqual([long]);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByText(long)).toBeInTheDocument();
    await user.click(screen.getByLabelText(/^Tenants/));
    await user.paste(`${long}6{Enter}`);
    expect(screen.getByRole('alert')).toHaveTextContent('1 to 150');
  });

  it.each(['t1:', 't1:product=k6', 'a|b', 'a b', 'a,b', '..', 'ä'])(
    'refuses the tenant %s while it is typed and once it is saved, and says what is allowed',
    async (name) => {
      const { user, settings } = edit();
      await user.click(screen.getByLabelText(/^Tenants/));
      await user.paste(name);
      expect(screen.getByRole('alert')).toHaveTextContent('letters, digits');
      expect(screen.getByLabelText(/^Tenants/)).toBeInvalid();
      await user.keyboard('{Enter}');
      // It is kept as it was typed, red, for its author to put right; the backend refuses it.
      expect(settings().jsonData.tenants).toEqual([name]);
      expect(screen.getByRole('alert')).toHaveTextContent(`“${name}” is not a tenant`);
      expect(screen.getByLabelText(/^Tenants/)).toBeInvalid();
    }
  );

  it('adds a tenant that is left for a button once the button is let go', async () => {
    const { user, settings } = edit();
    const tenants = screen.getByLabelText(/^Tenants/);
    await user.type(tenants, 'team-a');
    fireEvent.pointerDown(document.body);
    fireEvent.blur(tenants);
    // What is below must not move yet.
    expect(settings()?.jsonData.tenants).toBeUndefined();
    fireEvent.pointerUp(document.body);
    expect(settings().jsonData.tenants).toEqual(['team-a']);
  });

  it('names a tenant that cannot be one', () => {
    edit({ jsonData: { tenants: ['team a'] } });
    expect(screen.getByRole('alert')).toHaveTextContent('“team a” is not a tenant');
  });
});

describe('security', () => {
  it('shows TLS settings once TLS is on', async () => {
    const { user, settings } = edit();
    expect(screen.queryByLabelText(/Skip TLS/)).not.toBeInTheDocument();
    await user.click(screen.getByLabelText(/^Use TLS/));
    expect(settings().jsonData.tlsEnabled).toBe(true);
    await user.click(screen.getByLabelText(/Skip TLS/));
    expect(settings().jsonData).toMatchObject({ tlsSkipVerify: true });
    await user.click(screen.getByLabelText(/self-signed/i));
    type(/^CA Certificate/, 'pem');
    expect(settings().jsonData).toMatchObject({ tlsAuthWithCACert: true });
    expect(settings().secureJsonData).toEqual({ tlsCACert: 'pem' });
  });

  it('takes client certificates', async () => {
    const { user, settings } = edit({ jsonData: { tlsEnabled: true } });
    await user.click(screen.getByLabelText(/TLS Client Auth/));
    type(/^ServerName/, 'metastore');
    type(/^Client Certificate/, 'cert');
    type(/^Client Key/, 'key');
    expect(settings().jsonData).toMatchObject({ tlsAuth: true, serverName: 'metastore' });
    expect(settings().secureJsonData).toEqual({ tlsClientCert: 'cert', tlsClientKey: 'key' });
  });

  async function chooseMethod(user: ReturnType<typeof userEvent.setup>, name: string) {
    await user.click(screen.getByLabelText('Authentication method'));
    await user.click(await screen.findByText(name));
  }

  it('takes a user and password', async () => {
    const { user, settings } = edit();
    await chooseMethod(user, 'Basic authentication');
    type(/^User/, 'me');
    type(/^Password/, 'secret');
    expect(settings()).toMatchObject({
      basicAuth: true,
      basicAuthUser: 'me',
      secureJsonData: { basicAuthPassword: 'secret' },
    });
  });

  it('takes a bearer token, and drops it with the method', async () => {
    const { user, settings } = edit();
    await chooseMethod(user, 'Bearer token');
    type(/^Token/, 'secret');
    expect(settings()).toMatchObject({ basicAuth: false, secureJsonData: { bearerToken: 'secret' } });
    await chooseMethod(user, 'No Authentication');
    expect(settings().secureJsonData?.bearerToken).toBe('');
    expect(screen.queryByLabelText(/^Token/)).not.toBeInTheDocument();
  });

  it('shows that a token is stored, and resets it', async () => {
    const { user, settings } = edit({ secureJsonFields: { bearerToken: true } });
    expect(screen.getByLabelText(/^Token/)).toHaveValue('configured');
    await user.click(screen.getByRole('button', { name: 'Reset' }));
    expect(settings()).toMatchObject({ secureJsonData: { bearerToken: '' }, secureJsonFields: { bearerToken: false } });
  });

  it('takes extra headers', async () => {
    const { user, settings } = edit();
    await user.click(screen.getByRole('button', { name: /Expand section HTTP headers/ }));
    await user.click(screen.getByRole('button', { name: /Add header/ }));
    await user.type(screen.getByPlaceholderText('X-Custom-Header'), 'X-Team');
    await user.type(screen.getByPlaceholderText('Header value'), 'a');
    await user.tab();
    expect(settings().jsonData).toEqual({ httpHeaderName1: 'X-Team' });
    expect(settings().secureJsonData).toEqual({ httpHeaderValue1: 'a' });
  });
});

describe('limits', () => {
  it.each<[RegExp, string, Partial<PyrofrontOptions>]>([
    [/^Timeout/, '30s', { timeout: '30s' }],
    [/^Queries at once/, '8', { maxConcurrentQueries: 8 }],
    [/^Longest range/, '0', { maxQueryLength: '0' }],
    [/^Look-back/, '14d', { maxQueryLookback: '14d' }],
    [/^Smallest step/, '30s', { minStep: '30s' }],
    [/^Default flame graph size/, '1000', { maxNodesDefault: 1000 }],
    [/^Largest flame graph size/, '5000', { maxNodesMax: 5000 }],
    [/^Largest message/, '536870912', { maxMessageBytes: 536_870_912 }],
  ])('%s takes %s', async (label, text, expected) => {
    const { user, settings } = edit();
    await user.click(screen.getByRole('button', { name: /Expand section Limits/ }));
    type(label, text);
    expect(settings().jsonData).toEqual(expected);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it.each([
    [/^Timeout/, '0', /no duration/],
    [/^Look-back/, 'a week', /no duration/],
    [/^Queries at once/, '0', /whole number/],
  ])('%s refuses %s', async (label, text, problem) => {
    const { user } = edit();
    await user.click(screen.getByRole('button', { name: /Expand section Limits/ }));
    type(label, text);
    expect(screen.getByRole('alert')).toHaveTextContent(problem);
  });

  it('switches partial answers on, and off again', async () => {
    const { user, settings } = edit();
    await user.click(screen.getByRole('button', { name: /Expand section Limits/ }));
    await user.click(screen.getByLabelText(/^Partial answers/));
    expect(settings().jsonData).toEqual({ partialAnswers: true });
    await user.click(screen.getByLabelText(/^Partial answers/));
    expect(settings().jsonData).toEqual({});
  });

  it('shows the units', async () => {
    const { user } = edit();
    await user.click(screen.getByRole('button', { name: /Expand section Limits/ }));
    expect(screen.getAllByText('nodes')).toHaveLength(2);
  });
});

describe('traces', () => {
  it('chooses a data source of traces, or none', async () => {
    const { user, settings } = edit();
    const picker = screen.getByLabelText(/^Traces data source/);
    expect(picker).toHaveAttribute('data-tracing', 'true');
    fireEvent.change(picker, { target: { value: 'tempo' } });
    expect(settings().jsonData).toEqual({ tracesDatasourceUid: 'tempo' });
    await user.click(screen.getByRole('button', { name: 'Clear traces' }));
    expect(settings().jsonData).toEqual({});
  });
});

describe('a provisioned data source', () => {
  it('can be read and not changed', async () => {
    const { user } = edit({
      readOnly: true,
      jsonData: { metastoreAddress: 'a:1', tenants: ['team-a'], tlsEnabled: true, httpHeaderName1: 'X-Team' },
      secureJsonFields: { bearerToken: true, httpHeaderValue1: true },
    });
    await user.click(screen.getByRole('button', { name: /Expand section Limits/ }));
    await act(async () => {});
    const sections = within(document.body);
    const fields = [
      ...sections.queryAllByRole('textbox'),
      ...sections.queryAllByRole('checkbox'),
      ...sections.queryAllByRole('switch'),
    ];
    const own = fields.filter((field) => field.id !== 'pyrofront-traces');
    expect(own.length).toBeGreaterThan(10);
    for (const field of own) {
      expect(field).toBeDisabled();
    }
    expect(screen.queryByRole('button', { name: 'Clear traces' })).not.toBeInTheDocument();
  });
});
