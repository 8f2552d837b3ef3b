import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import plugin from '../plugin.json';
import { english } from '../texts';

import { type Filled, type Tree } from './translated';

const source = path.join(__dirname, '..');
const fileOf = (language: string) => path.join(source, 'locales', language, `${plugin.id}.json`);
const textsOf = (language: string): Tree => JSON.parse(readFileSync(fileOf(language), 'utf8'));

/** The texts by their keys. Those with values are called, with a name or a list for each value. */
function flat(texts: Tree, prefix = ''): Record<string, string> {
  const leaves = Object.entries(texts).map(([key, text]) => {
    if (typeof text === 'string') {
      return { [prefix + key]: text };
    }
    if (typeof text === 'function') {
      return { [prefix + key]: (text as (...values: unknown[]) => Filled)('a', 'b', ['c']).text };
    }
    return flat(text, `${prefix}${key}.`);
  });
  return Object.assign({}, ...leaves);
}

/** A tree of strings alone, as a file has it. */
function asFile(texts: Tree): object {
  const leaf = (text: Tree[string]) => (typeof text === 'object' ? asFile(text) : flat({ leaf: text }).leaf);
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, leaf(text)]));
}

const values = (text: string) => (text.match(/\{\{.*?\}\}/g) ?? []).sort();
const words = flat(english);
const others = plugin.languages.filter((language) => language !== 'en-US');

it('has a file for each language of plugin.json, and no other', () => {
  expect(readdirSync(path.join(source, 'locales')).sort()).toEqual([...plugin.languages].sort());
  expect(plugin.languages.filter((language) => !existsSync(fileOf(language)))).toEqual([]);
});

it('has in its English file, for Grafana and for translators, what the code says: npm run locales writes it', () => {
  const written = `${JSON.stringify(asFile(english), null, 2)}\n`;
  if (process.env.WRITE_LOCALES) {
    writeFileSync(fileOf('en-US'), written);
  }
  expect(readFileSync(fileOf('en-US'), 'utf8')).toBe(written);
});

describe.each(others)('%s', (language) => {
  const translations = flat(textsOf(language));

  it('has every text, and none that the code has not', () => {
    expect(Object.keys(translations).sort()).toEqual(Object.keys(words).sort());
    expect(Object.entries(translations).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('has the same values in each text, in the same notation', () => {
    const found = Object.entries(words).map(([key, text]) => [key, values(text)]);
    const translated = Object.keys(words).map((key) => [key, values(translations[key] ?? '')]);
    expect(translated).toEqual(found);
  });

  it('has words of its own', () => {
    // Names, units, examples, and words that the language took over.
    const same = Object.keys(words).filter(
      (key) => words[key] === translations[key] && /[a-z]{3} [a-z]{3}/i.test(words[key]!)
    );
    expect(same).toEqual([]);
  });
});

it('has no text that nothing shows', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.(ts|tsx|json)$/.test(name) && !/(^locales|\.test\.tsx?$|(^|\/)(texts|symbolTexts)\.ts$)/.test(name)
  );
  const code = files.map((name) => readFileSync(path.join(source, name), 'utf8')).join('\n');
  const inCode = (word: string) => new RegExp(`(?<![\\w-])${word.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`).test(code);
  // Durations are the values of a list, which is read as a whole.
  const shown = (key: string) => key.split('.').every((word) => /^\d/.test(word) || inCode(word));
  const unused = Object.keys(words).filter((key) => !shown(key));
  expect(unused).toEqual([]);
});
