import { expect, test } from 'vitest';
import { dyingWords } from '../../../src/facts/logs/dying-lives.ts';
import { eventEvidence, killedEvidence } from '../../../src/facts/logs/event-evidence.ts';
import { logFacts } from '../../../src/facts/logs/log-facts.ts';
import { digestLog, LogDigester } from '../../../src/logs/digest.ts';
import { readLog } from '../../logs/read-lines.ts';
import { logOf } from './log-of.ts';

const KILL = 'worker (12) was sent SIGKILL! Perhaps out of memory?';
/** Lives of so many lines each; of those that are killed the words for it are said, too. */
const digestOf = (lives: readonly { lines: number; isKilled: boolean; says?: (i: number) => string | undefined }[]) =>
  digestLog(
    readLog(
      lives
        .flatMap(({ lines, isKilled, says }) => [
          'Starting thumbnail service',
          ...Array.from({ length: lines }, (_, i) => [`Processed ${i} images`, says?.(i)]).flat(),
          isKilled ? KILL : undefined,
        ])
        .filter((line) => line !== undefined)
        .join('\n'),
    ).lines,
  );
const evidenceOf = (digest: ReturnType<typeof digestOf>) =>
  eventEvidence({
    program: { sources: [{ name: 'a.log', bytes: 1 }], digest },
    showLines: (text) => `grep -F '${text}' a.log`,
  });

test('what is said only in lives that are killed is told, with the last lines before the kill and the kill itself', () => {
  const tiled = (i: number) => (i % 7 === 3 ? `Opening tiled TIFF ${i}.tif` : undefined);
  const digest = digestOf([
    { lines: 60, isKilled: true, says: tiled },
    { lines: 60, isKilled: false },
    { lines: 60, isKilled: true, says: tiled },
    { lines: 60, isKilled: false },
  ]);
  expect(evidenceOf(digest)).toEqual([
    {
      says: expect.stringMatching(`^the log says twice, last in line \\d+: ${KILL.replace(/[()?]/g, '\\$&')}$`),
      from: 'log-digest',
      reproduce: "grep -F ') was sent SIGKILL! Perhaps out of memory?' a.log",
    },
    {
      says: 'said in 2 of 2 lives that were killed, and in none of 2 others: Opening tiled TIFF 3.tif',
      from: 'log-digest',
      reproduce: "grep -F 'Opening tiled TIFF' a.log",
    },
    {
      says: 'the last lines before the kill: Processed 58 images | Processed 59 images | Opening tiled TIFF 59.tif',
      from: 'log-digest',
      reproduce: "grep -F 'Opening tiled TIFF 59.tif' a.log",
    },
  ]);
});

test('what would hardly have come in the other lives, as they are short, is not told', () => {
  const once = (i: number) => (i === 30 ? 'Opening tiled TIFF 3.tif' : undefined);
  const lives = [
    { lines: 60, isKilled: true, says: once },
    { lines: 60, isKilled: false },
  ];
  expect(dyingWords(digestOf(lives))).toEqual([]);
  // In all of three, and in none of three others, is one chance in twenty.
  expect(dyingWords(digestOf([...lives, ...lives]))).toEqual([]);
  expect(dyingWords(digestOf([...lives, ...lives, ...lives]))).toMatchObject([{ killedLives: 3, ofKilledLives: 3 }]);
});

test('of a log without kills nothing is told', () => {
  expect(evidenceOf(digestOf([{ lines: 60, isKilled: false }]))).toEqual([]);
});

test('of a container that was killed the previous log is the life that died, though no line says so', () => {
  const digester = new LogDigester();
  for (const says of ['Opening tiled TIFF', 'Opening PNG']) {
    digester.nextLog();
    const lines = Array.from({ length: 60 }, (_, i) => [`Processed ${i} images`, `${says} ${i}`]).flat();
    for (const line of readLog(lines.join('\n')).lines) digester.add(line);
  }
  const digest = digester.finish();
  const facts = { program: { sources: [], digest }, showLines: (text: string) => `grep -F '${text}'` };
  expect(eventEvidence(facts)).toEqual([]);
  expect(killedEvidence(facts).map(({ says }) => says)).toEqual([
    'said in the life that was killed, and not in the other: Opening tiled TIFF 0',
    'the last lines before the kill: Opening tiled TIFF 58 | Processed 59 images | Opening tiled TIFF 59',
  ]);
});

test('a MemoryError without a size is told with the line of the program that raised it', () => {
  const raised = [
    'ERROR Worker failed',
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3.11/threading.py", line 10, in run',
    '    self._target()',
    '  File "/app/report.py", line 12, in build',
    '    rows = list(cursor)',
    'MemoryError',
  ];
  const facts = logFacts(logOf(...Array.from({ length: 5 }, () => raised).flat()))!;
  expect(eventEvidence(facts)[0]!.says).toMatch(/5 times.*MemoryError; the first was raised at \/app\/report\.py:12/);
});
