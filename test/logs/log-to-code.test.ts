import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatherLogs, judged } from '../../src/app.ts';
import { temporaryFolder } from '../temporary.ts';

/** How a program says a number, in words of its own. `{words}` is a text, `{n}` an expression. */
const FORMS: readonly ((words: string, n: string) => string)[] = [
  (words, n) => `log.info(f"${words}: {${n}}")`,
  (words, n) => `log.info("${words} is %d now", ${n})`,
  (words, n) => `log.info("${words} -> %(n)s", {"n": ${n}})`,
  (words, n) => `log.warning("{} {}".format("${words}", ${n}))`,
  (words, n) => `self.say(f"${words} ({${n}:,})")`,
  (words, n) => `n = ${n}\n        log.info("${words} " + str(n))`,
  (words, n) => `log.info(Template("${words} at $n").substitute(n=${n}))`,
];
/** Words that tell, and words that mislead: what counts is the line that prints. */
const WORDS = [
  'cache size',
  'processed so far',
  'total jobs',
  'handled',
  'queue',
  'finished rows',
  'entries',
  'alpha',
  'seen',
];
const NAMES = ['items', 'done', 'total', 'count', 'rows', 'kept', 'x', 'processed'];
const KINDS = [
  { made: '[]', put: (name: string) => `self.${name}.append(i)` },
  { made: '{}', put: (name: string) => `self.${name}[i] = str(i)` },
  { made: 'set()', put: (name: string) => `self.${name}.add(i)` },
];

const chosen = fc.record({
  forms: fc.tuple(fc.nat(FORMS.length - 1), fc.nat(FORMS.length - 1), fc.nat(FORMS.length - 1)),
  words: fc.shuffledSubarray(WORDS, { minLength: 3, maxLength: 3 }),
  names: fc.shuffledSubarray(NAMES, { minLength: 3, maxLength: 3 }),
  kind: fc.constantFrom(...KINDS),
});
type Chosen = typeof chosen extends fc.Arbitrary<infer T> ? T : never;

/** A program that keeps one thing, bounds another and counts its work, and tells of all three; its clock is made up. */
function programOf({ forms, words, names, kind }: Chosen): string {
  const [leak, ring, work] = names as [string, string, string];
  const say = (at: 0 | 1 | 2, n: string) => FORMS[forms[at]]!(words[at]!, n);
  return `import logging, sys
from collections import deque
from string import Template
logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("app")
clock = [1795440000.0]
make = log.makeRecord
def timed(*args, **kwargs):
    record = make(*args, **kwargs)
    record.created, record.msecs = clock[0], 0
    return record
log.makeRecord = timed

class Service:
    def __init__(self):
        self.${leak} = ${kind.made}
        self.${ring} = deque(maxlen=20)
        self.${work} = 0

    def say(self, message):
        log.info("service " + message)

    def handle(self, i):
        ${kind.put(leak)}
        self.${ring}.append(i)

    def report(self):
        ${say(0, `len(self.${leak})`)}
        ${say(1, `len(self.${ring})`)}
        ${say(2, `self.${work}`)}
        log.info("memory rss %.1f MB", 40 + len(self.${leak}) * 1.5)

service = Service()
i = 0
for second in range(120):
    clock[0] += 1
    for _ in range(1 + second * 7 % 4):
        service.handle(i)
        i += 1
    service.${work} += 5
    service.report()
`;
}

async function reportOn(program: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'app.py'), program);
  const log = join(folder, 'app.log');
  writeFileSync(log, execFileSync('python3', [join(folder, 'app.py')]));
  const interrupted = new AbortController().signal;
  return judged(await gatherLogs({ files: [log], sourceDir: folder, interrupted, note: () => {} }));
}

const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe(`programs with the words of seed ${seed}`, () => {
  test.each(fc.sample(chosen, { seed, numRuns: 6 }).map((each) => [each.words.join(', '), each] as const))(
    'what is kept is named, and what is bounded or counted is not: %s',
    async (_words, each) => {
      const program = programOf(each);
      const { findings, verdict } = await reportOn(program);
      expect(findings.map(({ holder }) => holder?.name)).toEqual([`app.Service.${each.names[0]}`]);
      const [finding] = findings;
      const line = program.split('\n').findIndex((text) => text.trim() === each.kind.put(each.names[0]!)) + 1;
      expect(finding!.places).toContainEqual(expect.objectContaining({ role: 'feeds', line, how: 'log+source' }));
      expect(verdict).toBe('leak');
    },
  );
});
