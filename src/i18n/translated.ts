import { t } from '@grafana/i18n';

/** What stands in a text for a value. A list is written as the language writes lists. */
type Value = string | number | string[];

/** A text with the values that belong into it, for i18next to put there. */
export interface Filled {
  text: string;
  values: Record<string, Value>;
}

/** The names of the values in a text: of `{{name}} ({{share, number}})` they are `name` and `share`. */
type Names<Text extends string> = Text extends `${string}{{${infer Inside}}}${infer Rest}`
  ? (Inside extends `${infer Name},${string}` ? Name : Inside) | Names<Rest>
  : never;

/**
 * A text with values, in i18next's notation. The compiler sees that none is missing. A value is not named as an option of
 * `Intl` (type, style, unit): i18next takes it for one where a number or a list is formatted in the same text.
 */
export function fill<const Text extends string>(text: Text, values: Record<Names<Text>, Value>): Filled {
  return { text, values };
}

/** Texts of one language, in a tree whose paths are the keys of their translations. */
export interface Tree {
  readonly [key: string]: string | ((...values: never[]) => Filled) | Tree;
}

/** The same tree in the language of the user: a text is a string, and one with values is a function to a string. */
export type Translated<Texts> = {
  readonly [Key in keyof Texts]: Texts[Key] extends string
    ? string
    : Texts[Key] extends (...values: infer Values) => Filled
      ? (...values: Values) => string
      : Translated<Texts[Key]>;
};

/**
 * Translates English texts when they are read, never before: the translations are not there yet when this is called.
 * A text without a translation stays English.
 */
export function translated<Texts extends Tree>(english: Texts, path: string[] = []): Translated<Texts> {
  const result = {};
  for (const [key, text] of Object.entries(english)) {
    const id = [...path, key].join('.');
    if (typeof text === 'string') {
      Object.defineProperty(result, key, { enumerable: true, get: () => t(id, text) });
    } else {
      const value = typeof text === 'function' ? filledIn(id, text) : translated(text, [...path, key]);
      Object.defineProperty(result, key, { enumerable: true, value });
    }
  }
  return result as Translated<Texts>;
}

function filledIn(id: string, toFilled: (...values: never[]) => Filled) {
  return (...given: never[]) => {
    const { text, values } = toFilled(...given);
    // React writes texts as they are: names of functions are full of what HTML would want escaped.
    return t(id, text, { replace: values, interpolation: { escapeValue: false } });
  };
}
