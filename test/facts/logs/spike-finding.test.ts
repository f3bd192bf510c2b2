import { expect, test } from 'vitest';
import { type LogGot, logFacts } from '../../../src/facts/logs/log-facts.ts';
import { spikeFindings } from '../../../src/facts/logs/spike-finding.ts';
import { LogDigester } from '../../../src/logs/digest.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';
import { ended, NOW, pod, podReport, podsOf, running } from '../made-pods.ts';

const sizes = (last: number) => [...Array.from({ length: 40 }, (_, at) => 90 + ((at * 7) % 20)), last];

/** A container that was killed after the first of these lives, with the sizes of its batches. */
function report(lives: readonly (readonly number[])[]) {
  const digester = new LogDigester();
  lives.forEach((values, life) => {
    digester.nextLog();
    const reader = new LogReader((line) => digester.add(line));
    values.forEach((value, at) => {
      const time = new Date((NOW - 200 + life * 100 + at) * 1000).toISOString();
      reader.push(Buffer.from(`${time} INFO loader: Loading batch of ${value} rows\n`));
    });
    reader.end();
  });
  const sources = [
    { name: 'previous', bytes: 1 },
    { name: 'current', bytes: 1 },
  ];
  const pods = podsOf([pod([{ restarts: 1, state: running(90), lastState: ended(110, 90) }])]);
  const programs = [{ pod: 'orca-1', container: 'app', sources, digest: digester.finish() }];
  return podReport({ pods, 'log-digest': { programs } });
}

const spikes = (lives: readonly (readonly number[])[]) =>
  report(lives).findings.filter(({ cause }) => cause === 'memory-spike');

test('a batch twenty times as large as usual, said last before a kill, may be what reached the limit', () => {
  const [found] = spikes([sizes(2000), sizes(95)]);
  expect(found?.summary).toContain('Loading batch of … rows');
  expect(found?.summary).toContain('2,000');
  expect(found?.evidence[0]?.reproduce).toContain('kubectl logs');
});

test('one of the usual size is not, nor a large one in the life that still runs', () => {
  expect(spikes([sizes(95), sizes(95)])).toEqual([]);
  expect(spikes([sizes(95), sizes(2000)])).toEqual([]);
});

test('a large batch before each of several kills is found, too', () => {
  const digester = new LogDigester();
  const reader = new LogReader((line) => digester.add(line));
  for (let life = 0; life < 4; life++) {
    const values = life < 3 ? sizes(5000) : sizes(95);
    for (const value of values) reader.push(Buffer.from(`Loading batch of ${value} rows\n`));
    if (life < 3) reader.push(Buffer.from('Killed\n'));
  }
  reader.end();
  const programs = [{ sources: [{ name: 'app.log', bytes: 1 }], digest: digester.finish() }];
  const facts = logFacts({ 'log-digest': { programs } } as unknown as LogGot)!;
  expect(spikeFindings(facts)).toMatchObject([{ summary: expect.stringContaining('5,000') }]);
});
