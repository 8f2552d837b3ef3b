import { useEffect, useState } from 'react';

/** What an asynchronous load has come to. The last value stays while the next one loads. */
export interface Loaded<Value> {
  value?: Value;
  loading: boolean;
  error?: string;
}

/** Loads a value whenever `load` changes; answers that come too late are dropped. */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [answer, setAnswer] = useState<{ of?: () => Promise<Value>; value?: Value; error?: string }>({});
  useEffect(() => {
    let current = true;
    load().then(
      (value) => current && setAnswer({ of: load, value }),
      (error: unknown) => current && setAnswer({ of: load, error: messageOf(error) })
    );
    return () => {
      current = false;
    };
  }, [load]);
  const loading = answer.of !== load;
  return { value: answer.value, loading, error: loading ? undefined : answer.error };
}

/** The message of anything that was thrown; Grafana's fetch throws objects with the server's answer in `data`. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    const { data, message } = error as { data?: { message?: unknown; error?: unknown }; message?: unknown };
    const text = data?.message ?? data?.error ?? message;
    if (typeof text === 'string' && text) {
      return text;
    }
  }
  return String(error);
}
