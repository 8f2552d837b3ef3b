import { type DataSourceSettings } from '@grafana/data';

import { type PyrofrontOptions, type PyrofrontSecrets } from '../types';

type Settings = DataSourceSettings<PyrofrontOptions, PyrofrontSecrets>;

export interface Header {
  name: string;
  /** The value is stored and not shown. */
  configured: boolean;
}

/** A header as it is edited: a new value, or the stored one. */
export interface EditedHeader extends Header {
  value: string;
}

/** The extra headers of the settings, in the order of their numbers. */
export function headersOf({ jsonData, secureJsonFields }: Settings): Header[] {
  return numbersOf(jsonData).map((number) => ({
    name: jsonData[`httpHeaderName${number}`] ?? '',
    configured: secureJsonFields?.[`httpHeaderValue${number}`] ?? false,
  }));
}

/**
 * Writes headers to the settings, numbered from 1 with no gap. A stored value cannot be read, so it cannot follow its
 * header to another number: a header that moved loses its value, and never gets another header's.
 */
export function withHeaders(settings: Settings, headers: EditedHeader[]): Settings {
  const before = settings.jsonData;
  const count = Math.max(headers.length, ...numbersOf(before));
  const jsonData = { ...before };
  const secureJsonData = { ...settings.secureJsonData };
  const secureJsonFields = { ...settings.secureJsonFields };
  for (let number = 1; number <= count; number++) {
    const name = `httpHeaderName${number}` as const;
    const value = `httpHeaderValue${number}` as const;
    const header = headers[number - 1];
    if (!header) {
      delete jsonData[name];
      delete secureJsonData[value];
      secureJsonFields[value] = false;
      continue;
    }
    const keep = header.configured && before[name] === header.name;
    jsonData[name] = header.name;
    secureJsonFields[value] = keep;
    if (keep) {
      delete secureJsonData[value];
    } else {
      secureJsonData[value] = header.value;
    }
  }
  return { ...settings, jsonData, secureJsonData, secureJsonFields };
}

function numbersOf(jsonData: PyrofrontOptions): number[] {
  return Object.keys(jsonData)
    .map((key) => /^httpHeaderName(\d+)$/.exec(key)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((left, right) => left - right);
}
