import { completionsFor, type LabelSource } from './completions';
import { situationAt } from './situation';

const source: LabelSource = {
  names: async () => ['service_name', 'my.label'],
  values: async (name) => [`${name}-1`, 'a"b'],
};

/** Completes at the mark and takes the offer; the mark in the answer is where the cursor goes. */
async function complete(marked: string, choice: number): Promise<string> {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const offers = await completionsFor(situationAt(text, offset), source);
  const offer = offers[choice];
  if (!offer) {
    return '';
  }
  const insert = `${offer.insert.slice(0, offer.cursor)}|${offer.insert.slice(offer.cursor)}`;
  return text.slice(0, offer.from) + insert + text.slice(offer.to);
}

describe('completion', () => {
  it.each([
    ['|', 0, '{service_name="|"}'],
    ['{|}', 0, '{service_name="|"}'],
    ['{|}', 1, '{"my.label"="|"}'],
    ['{ser|}', 0, '{service_name="|"}'],
    ['{ser|vice="x"}', 0, '{service_name|="x"}'],
    ['{a="b",|}', 0, '{a="b",service_name="|"}'],
    ['{a="b", |', 0, '{a="b", service_name="|"'],
    ['{a |}', 2, '{a =~"|"}'],
    ['{a=|}', 0, '{a="a-1"|}'],
    ['{a="|"}', 0, '{a="a-1|"}'],
    ['{a="|"}', 1, '{a="a\\"b|"}'],
    ['{a="ol|d"}', 0, '{a="a-1|"}'],
    ['{a="ol|', 0, '{a="a-1"|'],
    ['{"my.label"="|"}', 0, '{"my.label"="my.label-1|"}'],
    ['{"my|"="x"}', 1, '{"my.label"|="x"}'],
    ['{a="b"|}', 0, ''],
    ['{a="b"}|', 0, ''],
    ['{a="b" c|}', 0, ''],
    ['.|', 0, ''],
  ])('completes %s (offer %i)', async (marked, choice, expected) => {
    expect(await complete(marked, choice)).toBe(expected);
  });

  it('offers to go on where there is more to choose', async () => {
    const [name] = await completionsFor(situationAt('{}', 1), source);
    const [value] = await completionsFor(situationAt('{a=""}', 4), source);
    expect(name?.goOn).toBe(true);
    expect(value?.goOn).toBe(false);
  });
});
