import { type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';

type Format = (value: string | string[]) => string;

const reference = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g;

/** Sets Grafana's template service to one that knows these variables. */
export function setVariables(variables: Record<string, string | string[]>) {
  const valueOf = (name: string, scopedVars?: ScopedVars): string | string[] | undefined =>
    scopedVars?.[name]?.value ?? variables[name];
  const replace = (text = '', scopedVars?: ScopedVars, format?: string | Format) =>
    text.replace(reference, (whole, plain, braced, _format, bracketed) => {
      const value = valueOf(plain ?? braced ?? bracketed, scopedVars);
      if (value === undefined) {
        return whole;
      }
      if (typeof format === 'function') {
        return format(value);
      }
      return Array.isArray(value) ? `{${value.join(',')}}` : value;
    });
  const service: TemplateSrv = {
    getVariables: () => Object.keys(variables).map((name) => ({ name }) as TypedVariableModel),
    replace: replace as TemplateSrv['replace'],
    containsTemplate: (text) => Boolean(text?.match(reference)),
    updateTimeRange: () => {},
  };
  setTemplateSrv(service);
  return replace;
}
