import type { NumberSeries } from '../../logs/number-series.ts';

/** What the words around a number may say of it. */
export type Meaning = 'work' | 'kept' | 'memory' | 'label';

/** `is`: undefined where the words say nothing, or this and that. */
export interface Worded {
  readonly is?: Meaning;
  /** The words that say so. */
  readonly words: readonly string[];
}

/**
 * What was done counts up for ever, and keeps nothing: participles of acts, and what says that it is a sum over time.
 * `hits`, `evicted`, `accepted` stand beside "cache", "entries", "connections" and still count acts.
 */
const ACTS =
  'processed handled served completed finished done received sent consumed produced published accepted ingested imported exported fetched downloaded uploaded written wrote parsed crawled scraped visited evicted expired deleted removed dropped closed released freed purged flushed hit hits miss misses retries retried failed failures errors attempts calls invocations inserted indexed generated created converted resized rendered delivered acked acknowledged cumulative iteration iterations epoch step steps tick ticks lap round executed ran computed analyzed analysed transferred complete loop loops cycle cycles pass passes';
/** What is there now: words of a state, of a measure of a container, and of having. */
const STATES =
  'size length len depth backlog pending queued cached holding holds held has have contains keeps kept remembered retained waiting outstanding buffered unacked alive live active open opened current currently now registered tracked resident occupancy inflight connected remaining accumulated tracking storing retaining caching keeping remembering collecting';
/** Containers, and what lies in them: they speak of what is kept, unless an act is told of them. */
const CONTAINERS =
  'items entries keys elements objects connections sessions clients subscribers subscriptions listeners observers handlers callbacks tasks threads futures coroutines cache caches registry pool buffer queue list dict map set store history table array collection records nodes peers sockets contexts instances refs references archive inbox outbox mailbox journal ledger vault catalog index storage';
/** What work is counted in. */
const THINGS =
  'images image jobs job messages message events event orders order documents files pages rows lines packets tokens requests request queries tasks total totals count counts number batches batch samples frames transactions emails urls bytes';
const LABELS =
  'id ids pid tid uid gid port offset seq sequence version revision status code line lineno position cursor timestamp shard partition worker address generation build slot rank year';
const MEMORY = 'memory mem rss maxrss vms uss pss heap footprint vmrss rssbytes';

const SETS: readonly (readonly [meaning: Meaning, weight: number, words: ReadonlySet<string>])[] = [
  ['work', 3, new Set(ACTS.split(' '))],
  ['kept', 3, new Set(STATES.split(' '))],
  ['kept', 1, new Set(CONTAINERS.split(' '))],
  ['work', 1, new Set(THINGS.split(' '))],
  ['memory', 4, new Set(MEMORY.split(' '))],
];
/** Only right before the number: `status=200`, but not `status: 12 handled`. */
const NAMES = new Set(LABELS.split(' '));
const PHRASES: readonly (readonly [meaning: Meaning, weight: number, phrase: RegExp])[] = [
  ['work', 3, /\b(?:so far|to date|since (?:the )?(?:start|boot|launch|beginning)|in total|all time)\b/],
  [
    'kept',
    3,
    /\bin (?:memory|the cache|cache|the queue|queue|the registry|use|flight|the pool|the buffer)\b|\bnow at\b|\bqueue is\b/,
  ],
  [
    'memory',
    4,
    /\b(?:working set|resident set|max ?rss|memory (?:usage|used|use|allocated)|used memory|process memory)\b/,
  ],
];

/** Behind the number: `12 orders in the inbox`, but not `12 done in 5 ms`. */
const IN_A_PLACE =
  /^\S+ (?:in|on|inside|within) (?:the |our |my )?(?!(?:total|ms|s|sec|seconds?|min|minutes?|batch|all|one|parallel)\b)\p{L}{3,}/u;

/** Before it: `images in the result registry: 12`. */
const IN_A_CONTAINER = new RegExp(`\\bin (?:\\S+ ){0,2}(?:${CONTAINERS.replaceAll(' ', '|')})$`);

/** One meaning must lead by this much. */
const LEAD = 2;

/** `90/1000 items`, `3 of 7 files`: how far it came, of so many as there are; or behind `#`, its number. */
const PART_OF = /^\s?(?:\/|of|out of)\s?$/;
function isProgress({ template, place }: Pick<NumberSeries, 'template' | 'place'>): boolean {
  if (typeof place !== 'number') return false;
  const pieces = template.slice(0, MOST_CHARACTERS * 4).split('<*>');
  return partOf(template, place) || (pieces[place]?.endsWith('#') ?? false);
}

/** The number in the next place is the whole of which this is a part. */
export function partOf(template: string, place: number): boolean {
  const pieces = template.slice(0, MOST_CHARACTERS * 4).split('<*>');
  // `RSS <*> MiB of <*> MiB`: its unit comes first.
  const between = pieces[place + 1]?.replace(/^\s?[KMGT]?i?B(?![a-z])/i, '') ?? '';
  return place < pieces.length - 2 && PART_OF.test(between);
}

/** What the words say: alone they decide nothing, for a name may be anything. */
export function wordsOf(series: Pick<NumberSeries, 'name' | 'template' | 'place' | 'unit'>): Worded {
  const { before, behind } = wordsNear(series);
  if (series.unit !== 'bytes' && isProgress(series)) return { is: 'label', words: ['…/…'] };
  const near = [...before, ...behind];
  // "in memory" is where something is kept.
  const isIn = /\bin memory\b/.test(near.join(' '));
  const own = [...new Set([...plainWords(series.name), ...near])];
  const said = { work: 0, kept: 0, memory: 0, label: 0 };
  const words: { meaning: Meaning; word: string }[] = [];
  const add = (meaning: Meaning, weight: number, word: string): void => {
    said[meaning] += weight;
    words.push({ meaning, word });
  };
  for (const [meaning, weight, set] of SETS)
    for (const word of own) if (set.has(word) && !(meaning === 'memory' && isIn)) add(meaning, weight, word);
  for (const [meaning, weight, phrase] of PHRASES) {
    const found = phrase.exec(near.join(' ')) ?? phrase.exec(plainWords(series.name).join(' '));
    if (found) add(meaning, weight, found[0]);
  }
  if (IN_A_CONTAINER.test(before.join(' '))) add('kept', 3, before.slice(-3).join(' '));
  if (IN_A_PLACE.test(behind.join(' '))) add('kept', 3, behind.slice(0, 4).join(' '));
  const act = [before.at(-1), behind[0], behind[1]].find((word) => word !== undefined && isAct(word));
  if (act !== undefined) add('work', 2, act);
  const head = before.at(-1) ?? plainWords(series.name).at(-1);
  if (head !== undefined && NAMES.has(head)) add('label', 3, head);
  const [first, second] = (Object.keys(said) as Meaning[]).sort((a, b) => said[b] - said[a]);
  const leads = said[first!] - said[second!] >= LEAD || (said[first!] > 0 && said[second!] === 0);
  if (!leads || (first === 'memory' && series.unit === 'count')) return { words: words.map(({ word }) => word) };
  return { is: first!, words: words.flatMap(({ meaning, word }) => (meaning === first ? word : [])) };
}

/** `shipped 12 sessions`: a participle that is in no list is an act more often than a state. */
const isAct = (word: string): boolean =>
  /[^e]ed$/.test(word) && word.length > 4 && !NO_ACTS.has(word) && !SETS.some(([, , set]) => set.has(word));
const NO_ACTS = new Set(
  'shared unused limited based nested allowed expected unbounded bounded needed required'.split(' '),
);

/** Lower case, `thumbnailCache_size` in three. */
export const plainWords = (text: string): string[] =>
  text
    .slice(0, MOST_CHARACTERS)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
const MOST_CHARACTERS = 400;

const MOST_BEFORE = 6;
const MOST_BEHIND = 5;
/** What parts one statement of a line from the next. */
const PARTS = /[,;|()[\]{}]|\s-\s/;

/** The words of the template before and behind the number, as far as they speak of it: `has <*> items in the cache`. */
function wordsNear({ template, place }: Pick<NumberSeries, 'template' | 'place'>): {
  before: string[];
  behind: string[];
} {
  if (typeof place !== 'number') return { before: [], behind: [] };
  const pieces = template.slice(0, MOST_CHARACTERS * 4).split('<*>');
  // `len(results)=<*>` is one statement.
  const before =
    (pieces[place] ?? '')
      .replace(/\(([\w. ]{0,80})\)(?=\s*[:=]\s*$)/, ' $1 ')
      .split(PARTS)
      .at(-1) ?? '';
  // `size=<*> hits=<*>`: what follows is the name of the next.
  const behind = (pieces[place + 1] ?? '').split(PARTS)[0]!.replace(/\S+\s*[:=]\s*$/, '');
  const isKeyed = /[:=]\s*["']?$/.test(before);
  return {
    before: plainWords(before).slice(isKeyed ? -4 : -MOST_BEFORE),
    behind: plainWords(behind).slice(0, isKeyed && pieces.length > place + 2 ? 2 : MOST_BEHIND),
  };
}

/** What one item is called, as a singular: `images processed` gives `image`; undefined where the words name none. @public */
export function unitOf(series: Pick<NumberSeries, 'name' | 'unit' | 'template' | 'place'>): string {
  if (series.unit === 'bytes') return 'byte';
  const named = plainWords(series.name);
  const words = named.filter(
    (word) => !GRAMMAR.has(word) && !SETS[0]![2].has(word) && !SETS[1]![2].has(word) && !isAct(word),
  );
  const plural = (of: readonly string[]) => of.find((word) => /[^s]s$/.test(word));
  // `total: 12 images` is called `total`; `hits` and `misses` are acts, and what is counted where no thing is named.
  const noun =
    plural(words) ??
    words.at(-1) ??
    plural(wordsNear(series).behind.slice(0, 1)) ??
    plural(named.filter((word) => SETS[0]![2].has(word)));
  return noun === undefined ? 'item' : singular(noun);
}
const GRAMMAR = new Set(
  'a an the of in on so far to for by with and total number count counter num n is are all from at'.split(' '),
);

const singular = (noun: string): string =>
  /(?:sh|ch|x|ss)es$/.test(noun)
    ? noun.slice(0, -2)
    : /[^aeiou]ies$/.test(noun)
      ? `${noun.slice(0, -3)}y`
      : /[^s]s$/.test(noun)
        ? noun.slice(0, -1)
        : noun;
