/** What Grafana tells of a variable beside its value; a text box has no more than a type. */
export interface VariableInfo {
  type?: string;
  multi?: boolean;
  includeAll?: boolean;
}

type VariableValue = string | string[] | number | boolean;

type VariableFormat = (value: VariableValue, variable?: VariableInfo) => string;

/** Grafana's replacement of variables in a text; `format` writes the value of each. */
export type Replace = (text: string, format?: VariableFormat) => string;

/** A piece of a text with variables, once they are known. */
export type Part =
  /** Stands for itself: what is between the variables, and variables that nobody knows. */
  | { kind: 'text'; text: string }
  /** The chosen values of a variable. `asWritten` says that somebody typed the one there is, maybe an expression. */
  | { kind: 'values'; values: string[]; asWritten: boolean }
  /** A custom all value, which Grafana hands over as it is: an expression for what it stands for. */
  | { kind: 'expression'; text: string };

/** $name, [[name]], [[name:format]], ${name}, ${name.field:format} */
const reference = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/g;

/** Formats that write several values in one text. Where each value counts by itself, they mean no more than no format. */
const listFormats = ['csv', 'glob', 'pipe', 'raw', 'regex'];

/** How a format that a reference names is taken: as it is written, or as no format where it only lists values. */
export type Formats = 'kept' | 'lists';

/** Takes a text apart at its variables, with their values. */
export function partsOf(text: string, replace: Replace, formats: Formats = 'lists'): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(reference)) {
    if (match.index > done) {
      parts.push({ kind: 'text', text: text.slice(done, match.index) });
    }
    parts.push(valueOf(match, replace, formats));
    done = match.index + match[0].length;
  }
  if (done < text.length) {
    parts.push({ kind: 'text', text: text.slice(done) });
  }
  return parts;
}

function valueOf(match: RegExpMatchArray, replace: Replace, formats: Formats): Part {
  const [whole, plain, bracketed, bracketedFormat, braced, field, bracedFormat] = match;
  const name = plain ?? bracketed ?? braced ?? '';
  const format = bracketedFormat ?? bracedFormat;
  const listed = format !== undefined && formats === 'lists' && listFormats.includes(format);
  const asked = listed ? `\${${name}${field ? `.${field}` : ''}}` : whole;
  let value: Part | undefined;
  const replaced = replace(asked, (given, variable) => {
    value = { kind: 'values', values: asList(given), asWritten: isWritten(given, variable) };
    return '';
  });
  if (value) {
    return value;
  }
  if (replaced === asked) {
    return { kind: 'text', text: whole };
  }
  // Grafana's own variables ($__from) and a format of the query's author bring their text ready.
  const ready = name.startsWith('__') || (format !== undefined && !listed);
  return { kind: ready ? 'text' : 'expression', text: replaced };
}

/** Whether the value is one that somebody wrote: a variable that offers several, or all, offers labels' values. */
function isWritten(value: VariableValue, variable: VariableInfo = {}): boolean {
  const one = !Array.isArray(value) || value.length === 1;
  return one && (variable.type === 'custom' || !(Array.isArray(value) || variable.multi || variable.includeAll));
}

function asList(value: VariableValue): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
