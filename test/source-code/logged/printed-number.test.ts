import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLogCalls, findUses, type Held, printedNumber } from '../../../src/source-code/index.ts';
import { PRINTED, type Printed } from './snippets.ts';

const nameOf = ({ kind, site }: Held): string => {
  if (kind === 'cache-decorator') return `${site.functionName}()`;
  const keys = (site.keys ?? []).map((key) => (key === null ? '[…]' : `['${key}']`)).join('');
  return `${[site.className ?? (kind === 'local' ? site.functionName : undefined), site.name].filter(Boolean).join('.')}${keys}`;
};

/** The code and the line with other words, so that no answer hangs on how things are called. */
function worded({ code, says, more = {} }: Printed, word: string, thing: string) {
  const put = (text: string) => text.replaceAll('WORD', word).replaceAll('THING', thing);
  const text = put(code);
  const files = [
    { path: '/srv/app.py', module: 'app', text },
    ...Object.entries(more).map(([path, other]) => ({ path, text: put(other) })),
  ];
  const marked = put(says);
  const [before, number, after] = marked.split(/[«»]/);
  const line = text.split('\n').findIndex((each) => each.includes('#P')) + 1;
  return {
    files,
    line,
    message: marked.replace(/[«»]/g, ''),
    template: number === undefined ? undefined : `${before}<*>${after}`,
  };
}

function answer(printed: Printed, word: string, thing: string) {
  const { files, line, message, template } = worded(printed, word, thing);
  const { fields, field } = printed;
  const found = printedNumber(findLogCalls(files), {
    message,
    template,
    fields,
    place: field?.replace('THING', thing) ?? 0,
  });
  const holders = found.kind === 'one' ? found.printed.kept : [];
  return {
    kind: found.kind,
    line: found.kind === 'one' ? found.printed.line - line : found,
    expression: found.kind === 'one' ? found.printed.expression : undefined,
    holder: holders[0] ? nameOf(holders[0].held) : null,
    by: holders[0]?.by,
    feeds: holders[0] ? findUses(files, holders[0].held).feeds.length > 0 : undefined,
  };
}

const WORDS = 'cache image thumbnail batch session order item worker result index entry pending handled seen live total'
  .split(' ')
  .concat('Größe', 'naïve', 'x9', 'sizes', 'Lager');
/** The same each time for one run, and other ones in the next: `FC_SEED` repeats a run. */
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const words = fc.sample(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS)), {
  seed,
  numRuns: PRINTED.length * 3,
});

describe(`lines with the words of seed ${seed}`, () => {
  test.each(PRINTED.map((printed, at) => [printed.form, printed, at] as const))('%s', (_form, printed, at) => {
    for (const [word, thing] of words.slice(at * 3, at * 3 + 3)) {
      const holder = printed.holder;
      const noFeeds = holder === null ? undefined : !['load()', 'Store.queue'].includes(holder) || undefined;
      const found = answer(printed, word, thing === word ? `${thing}s` : thing);
      expect({ ...found, feeds: noFeeds ? found.feeds : undefined }).toEqual({
        kind: 'one',
        line: 0,
        expression: printed.expression,
        holder,
        by: holder === null ? undefined : (printed.by ?? 'size'),
        feeds: noFeeds,
      });
    }
  });
});
