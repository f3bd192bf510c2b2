import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../src/core/problem.ts';
import { FRAME } from '../../../src/pod-reader/protocol.ts';
import { askWhole, openParty } from '../../../src/sources/pod/parties.ts';
import { ReaderRouter } from '../../../src/sources/pod/router.ts';
import { type Far, farSide, frame } from './memory-stream.ts';

const GONE = new ProblemError('absent', 'The pod has gone.');
const routerOver = (far: Far, silenceMs = 60_000) =>
  new ReaderRouter(far.stream, { silenceMs, explain: ({ problem }) => problem ?? GONE });
const request = (text: string) => frame(1, text);
/** Says back what was asked, as data and an end. */
const echo = (asked: Uint8Array, far: Far) => {
  far.say(frame(FRAME.data, asked.subarray(5)));
  far.say(frame(FRAME.end, 'end'));
};
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('one link for several', () => {
  test('gives each answer to who asked, in the order of the requests', async () => {
    const router = routerOver(farSide(echo));
    const party = openParty(router);
    party.toReader.write(request('b'));
    const [a, c] = await Promise.all([askWhole(router, request('a')), askWhole(router, request('c'))]);
    expect([a, c].map((frames) => frames.map(({ payload }) => text(payload)))).toEqual([
      ['a', 'end'],
      ['c', 'end'],
    ]);
    expect(text(party.fromReader.read())).toBe(text(Buffer.concat([frame(FRAME.data, 'b'), frame(FRAME.end, 'end')])));
  });

  test('does so however the bytes are cut, both ways', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 4000 })),
        async (payloads, sizes) => {
          const far = farSide((asked, { say }) => {
            const whole = Buffer.concat([frame(FRAME.data, asked.subarray(5)), frame(FRAME.end)]);
            for (let at = 0; at < whole.length; ) {
              const size = sizes.next().value;
              say(whole.subarray(at, at + size));
              at += size;
            }
          });
          const router = routerOver(far);
          const party = openParty(router);
          const requests = Buffer.concat(payloads.map((payload) => frame(2, payload)));
          for (let at = 0; at < requests.length; ) {
            const size = sizes.next().value;
            party.toReader.write(requests.subarray(at, at + size));
            at += size;
          }
          const wanted = Buffer.concat(payloads.flatMap((payload) => [frame(FRAME.data, payload), frame(FRAME.end)]));
          const own = askWhole(router, request('mine'));
          const got: Buffer[] = [];
          for await (const piece of party.fromReader) {
            got.push(piece);
            if (Buffer.concat(got).length >= wanted.length) break;
          }
          expect(Buffer.concat(got).equals(wanted)).toBe(true);
          expect(text((await own)[0]!.payload)).toBe('mine');
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a party that has gone holds nobody up, however much it had asked for', async () => {
    const big = new Uint8Array(900_000);
    const far = farSide((asked, { say }) => {
      for (let i = 0; i < (asked[5] === 98 ? 20 : 0); i++) say(frame(FRAME.data, big));
      say(frame(FRAME.end));
    });
    const router = routerOver(far);
    const party = openParty(router);
    party.toReader.write(request('b'));
    const answer = askWhole(router, request('a'));
    await once(party.fromReader, 'readable');
    party.fromReader.destroy();
    expect(await answer).toHaveLength(1);
  });
});

describe('a link that breaks', () => {
  test('rejects all that waits and all that comes later, with the one reason', async () => {
    const far = farSide();
    const router = routerOver(far);
    const party = openParty(router);
    const [first, second] = [askWhole(router, request('a')), askWhole(router, request('b'))];
    party.toReader.write(request('c'));
    const told = once(party.fromReader, 'error');
    far.end({ problem: GONE, stderr: '' });
    await expect(first).rejects.toBe(GONE);
    await expect(second).rejects.toBe(GONE);
    await expect(askWhole(router, request('d'))).rejects.toBe(GONE);
    expect(await told).toEqual([GONE]);
    expect(await router.over).toBe(GONE);
    expect(far.closed()).toBe(true);
  });

  test('by a reader that says nothing for too long is cut, and said to be silent', async () => {
    const far = farSide();
    const router = routerOver(far, 20);
    await expect(askWhole(router, request('a'))).rejects.toMatchObject({ problem: { code: 'timeout' } });
    expect(far.closed()).toBe(true);
  });

  test('is not made by silence while nothing is asked, nor by an answer that comes bit by bit', async () => {
    const far = farSide();
    const router = routerOver(far, 100);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answer = askWhole(router, request('a'));
    for (const bytes of frame(FRAME.end, 'slowly')) {
      far.say(Buffer.of(bytes));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(text((await answer)[0]!.payload)).toBe('slowly');
  });

  test.each([
    ['what nobody asked for', (far: Far) => far.say(frame(FRAME.end))],
    ['what is no frame', (far: Far) => far.say(Buffer.from('Welcome to the shell!\n'))],
    ['a frame without end', (far: Far) => far.say(Buffer.from([FRAME.data, 255, 255, 255, 255]))],
  ])('by %s is cut as broken', async (_, say) => {
    const far = farSide();
    const router = routerOver(far);
    say(far);
    expect((await router.over).problem.code).toBe('broken');
    await expect(askWhole(router, request('a'))).rejects.toMatchObject({ problem: { code: 'broken' } });
    expect(far.closed()).toBe(true);
  });

  test('by an answer without end is cut as broken, for the party that asked and all others', async () => {
    const far = farSide();
    const router = new ReaderRouter(far.stream, { silenceMs: 60_000, mostAnswerBytes: 10_000, explain: () => GONE });
    const party = openParty(router);
    const told = once(party.fromReader, 'error');
    party.fromReader.resume();
    party.toReader.write(request('a'));
    const other = askWhole(router, request('b'));
    for (let at = 0; at < 20; at += 1) far.say(frame(FRAME.data, new Uint8Array(1000)));
    await expect(other).rejects.toMatchObject({
      problem: { code: 'broken', message: expect.stringContaining('no end') },
    });
    await told;
    expect(far.closed()).toBe(true);
  });

  test('is not cut for many answers that together have much', async () => {
    const far = farSide(echo);
    const router = new ReaderRouter(far.stream, { silenceMs: 60_000, mostAnswerBytes: 2000, explain: () => GONE });
    for (let at = 0; at < 5; at += 1) expect(await askWhole(router, request('x'.repeat(1000)))).toHaveLength(2);
  });

  test('is told to leave first where it is closed from here', async () => {
    const far = farSide();
    const router = routerOver(far);
    const waiting = askWhole(router, request('a'));
    const why = new ProblemError('broken', 'called off');
    const closing = router.close(why);
    await expect(waiting).rejects.toBe(why);
    await closing;
    expect(await far.stream.ended).toEqual({ exitCode: 0, stderr: '' });
  });
});
