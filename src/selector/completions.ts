import { texts } from '../texts';

import { quote } from './format';
import { operators } from './matcher';
import { type Situation } from './situation';

/** Where names and values come from. Both may fail; then there is nothing to offer. */
export interface LabelSource {
  names: () => Promise<string[]>;
  values: (name: string) => Promise<string[]>;
}

/** An offer: put `insert` between `from` and `to`. */
export interface Completion {
  label: string;
  insert: string;
  detail: string;
  from: number;
  to: number;
  /** Where the cursor goes, counted from the start of `insert`. */
  cursor: number;
  /** There is more to offer at the new place. */
  goOn: boolean;
}

const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What can be completed at a place. */
export async function completionsFor(situation: Situation, source: LabelSource): Promise<Completion[]> {
  switch (situation.kind) {
    case 'name':
      return (await source.names()).map((name) => nameCompletion(name, situation));
    case 'value':
      return (await source.values(situation.name)).map((value) => valueCompletion(value, situation));
    case 'operator':
      return operators.map((operator) => ({
        label: operator,
        insert: `${operator}""`,
        detail: texts.selector.operators[operator],
        from: situation.from,
        to: situation.to,
        cursor: operator.length + 1,
        goOn: true,
      }));
    case 'none':
      return [];
  }
}

function nameCompletion(name: string, at: Extract<Situation, { kind: 'name' }>): Completion {
  const written = plainName.test(name) ? name : quote(name);
  const { from, to } = at;
  const common = { label: name, detail: texts.selector.labelName, from, to };
  if (at.hasOperator) {
    return { ...common, insert: written, cursor: written.length, goOn: false };
  }
  const [open, close] = at.braces ? ['{', '}'] : ['', ''];
  return {
    ...common,
    insert: `${open}${written}=""${close}`,
    cursor: open.length + written.length + 2,
    goOn: true,
  };
}

function valueCompletion(value: string, at: Extract<Situation, { kind: 'value' }>): Completion {
  const { from, to } = at;
  const common = { label: value, detail: texts.selector.labelValue, goOn: false };
  const quoted = quote(value);
  const inserts = { closed: quoted.slice(1, -1), open: quoted.slice(1), missing: quoted };
  const insert = inserts[at.string];
  return { ...common, from, to, insert, cursor: insert.length };
}
