import { type DataSourceSettings } from '@grafana/data';

import { type PyrofrontOptions, type PyrofrontSecrets } from '../types';

import { headersOf, withHeaders } from './headers';
import { addressProblem, durationProblem, tenantsProblem } from './validate';

describe('addressProblem', () => {
  it.each([
    '',
    'metastore:9095',
    '10.0.0.1:9095, 10.0.0.2:9095',
    '[::1]:9095',
    'dns:///metastore.svc:9095',
    'dns://10.0.0.53:53/metastore.svc:9095',
    'dns:///a:1,dns:///b:2',
    'passthrough:///a:1',
    'ipv4:10.0.0.1:9095',
    'unix:/run/metastore.sock',
    'unix:///run/metastore.sock',
  ])('takes %s', (address) => {
    expect(addressProblem(address)).toBeUndefined();
  });

  it.each([
    ['http://metastore:9095', 'no http://'],
    ['https://metastore', 'no http://'],
    ['metastore', 'host:port'],
    ['metastore:0', 'no port'],
    ['metastore:70000', 'no port'],
    ['a:1,,b:2', 'empty'],
    ['a:1,b', '“b”'],
    ['xds:///metastore:9095', '“xds:” is not known'],
    ['user:secret@host:9095', 'no user'],
    ['unix:', 'path'],
    ['::1:9095', 'host:port'],
  ])('refuses %s', (address, problem) => {
    expect(addressProblem(address)).toContain(problem);
  });
});

describe('durationProblem', () => {
  it.each([
    ['', false, true],
    ['60s', false, true],
    ['1h30m', false, true],
    ['7d', true, true],
    ['0', true, true],
    ['0s', true, true],
    ['0', false, false],
    ['10', false, false],
    ['soon', false, false],
  ])('%s with 0 allowed %s: %s', (text, zeroIsOff, good) => {
    expect(durationProblem(text, zeroIsOff) === undefined).toBe(good);
  });
});

describe('tenantsProblem', () => {
  it('names the tenant that cannot be one', () => {
    expect(tenantsProblem(['anonymous', 'team-a'])).toBeUndefined();
    expect(tenantsProblem(undefined)).toBeUndefined();
    expect(tenantsProblem(['team a'])).toContain('team a');
    expect(tenantsProblem(['..'])).toContain('..');
    expect(tenantsProblem(['a|b'])).toContain('a|b');
  });
});

describe('headers', () => {
  const settings = {
    jsonData: { httpHeaderName1: 'X-One', httpHeaderName2: 'X-Two', httpHeaderName10: 'X-Ten', timeout: '1s' },
    secureJsonFields: { httpHeaderValue1: true, httpHeaderValue2: true, bearerToken: true },
    secureJsonData: {},
  } as unknown as DataSourceSettings<PyrofrontOptions, PyrofrontSecrets>;

  it('come in the order of their numbers', () => {
    expect(headersOf(settings)).toEqual([
      { name: 'X-One', configured: true },
      { name: 'X-Two', configured: true },
      { name: 'X-Ten', configured: false },
    ]);
  });

  it('keep a stored value only under their number', () => {
    const after = withHeaders(settings, [
      { name: 'X-Two', configured: true, value: '' },
      { name: 'X-New', configured: false, value: 'secret' },
    ]);
    expect(after.jsonData).toEqual({ httpHeaderName1: 'X-Two', httpHeaderName2: 'X-New', timeout: '1s' });
    expect(after.secureJsonFields).toMatchObject({
      httpHeaderValue1: false,
      httpHeaderValue2: false,
      bearerToken: true,
    });
    expect(after.secureJsonData).toEqual({ httpHeaderValue1: '', httpHeaderValue2: 'secret' });
  });

  it('keep their stored value when another is added', () => {
    const after = withHeaders(settings, [
      { name: 'X-One', configured: true, value: '' },
      { name: 'X-Two', configured: true, value: '' },
      { name: 'X-Three', configured: false, value: 'v' },
    ]);
    expect(after.secureJsonFields).toMatchObject({ httpHeaderValue1: true, httpHeaderValue2: true });
    expect(after.secureJsonData).toEqual({ httpHeaderValue3: 'v' });
  });
});
