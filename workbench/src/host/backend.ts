import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import { lastValueFrom, Observable, throwError } from 'rxjs';

/** Grafana's HTTP client, as much of it as data sources use. */
export class Backend implements BackendSrv {
  /** Sends a request; a second one of the same id ends the first. */
  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return new Observable((subscriber) => {
      const abort = new AbortController();
      send<T>(options, abort.signal).then(
        (response) => {
          subscriber.next(response);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error)
      );
      return () => abort.abort();
    });
  }

  chunked(): Observable<FetchResponse<Uint8Array | undefined>> {
    return throwError(() => new Error('The workbench has no streams.'));
  }

  datasourceRequest<T>(options: BackendSrvRequest) {
    return lastValueFrom(this.fetch<T>(options));
  }

  async request<T>(options: BackendSrvRequest): Promise<T> {
    return (await this.datasourceRequest<T>(options)).data;
  }

  get<T>(url: string, params?: Record<string, unknown>) {
    return this.request<T>({ url, params, method: 'GET' });
  }

  delete<T>(url: string, data?: unknown) {
    return this.request<T>({ url, data, method: 'DELETE' });
  }

  post<T>(url: string, data?: unknown) {
    return this.request<T>({ url, data, method: 'POST' });
  }

  patch<T>(url: string, data?: unknown) {
    return this.request<T>({ url, data, method: 'PATCH' });
  }

  put<T>(url: string, data?: unknown) {
    return this.request<T>({ url, data, method: 'PUT' });
  }
}

async function send<T>(options: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
  const headers = new Headers(options.headers);
  if (options.data !== undefined) {
    headers.set('Content-Type', 'application/json');
  }
  const response = await fetch(withParams(options.url, options.params), {
    method: options.method ?? 'GET',
    headers,
    body: options.data === undefined ? undefined : JSON.stringify(options.data),
    signal,
  });
  const data = parse(await response.text());
  const { ok, status, statusText, redirected, type, url } = response;
  if (!ok) {
    const error: FetchError = { status, statusText, data, config: options };
    throw error;
  }
  return { data: data as T, ok, status, statusText, redirected, type, url, headers: response.headers, config: options };
}

function withParams(path: string, params: Record<string, unknown> = {}): string {
  const url = new URL(path, window.location.origin);
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        url.searchParams.append(name, String(one));
      }
    }
  }
  return url.href;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON: errors of the host itself are not.
    return text;
  }
}
