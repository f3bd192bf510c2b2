import { describe, expect, test } from 'vitest';
import { MIB } from '../made.ts';
import {
  clock,
  ended,
  event,
  eventsOf,
  every10,
  metrics,
  NOW,
  pod,
  podReport,
  podsOf,
  reportOnPod,
  running,
  used,
} from '../made-pods.ts';

const LOOP = { restarts: 4, state: running(13), lastState: ended(16, 33) };
const backOff = (seconds: number) => ({
  is: 'waiting' as const,
  reason: 'CrashLoopBackOff',
  message: `back-off ${seconds}s restarting failed container=app pod=orca-1`,
});

describe('a container that was OOM killed', () => {
  test('is a risk, with when, after how long a life, growth and the next kill', () => {
    const report = reportOnPod([LOOP], { 'pod-metrics': metrics(used([[8, 40]])) });
    expect(report.verdict).toBe('oom-risk');
    expect(report.headline).toMatch(
      new RegExp(
        `^OOM killed at ${clock(16)} UTC, 16 s ago, after a life of 33 s; 4 restarts\\. Judged by how long it lives it grows about [\\d.]+ MiB/s .*next kill in 20 s \\(\\d+–\\d+ s\\)\\. What holds it is not known`,
      ),
    );
    expect(report.kills).toEqual([
      {
        at: new Date((NOW - 16) * 1000).toISOString(),
        reason: 'OOMKilled',
        exitCode: 137,
        livedSeconds: 33,
        seen: 'lastState',
      },
    ]);
    expect(report.restarts).toBe(4);
    expect(report.eta).toMatchObject({ status: 'estimated', at: new Date(NOW * 1000).toISOString() });
  });

  test('is told with a command for the kill, the limit, the memory and what the logs say', () => {
    const text = '2026-11-23T07:00:00Z ERROR cannot write\n2026-11-23T07:00:01Z WARNING slow\n';
    const log = { pod: 'orca-1', container: 'app', previous: true, text, lines: 2, redacted: 0 };
    const { evidence = [] } = reportOnPod([LOOP], {
      'pod-metrics': metrics(used([[8, 40]])),
      logs: { logs: [log] },
    });
    expect(evidence.map(({ says }) => says)).toEqual([
      'The last state of "app" is OOMKilled, exit code 137.',
      'The limit of the container is 128 MiB.',
      'The working set is 40 MiB.',
      'The logs that were read hold 1 error and 1 warning.',
      expect.stringMatching(/^the log of app says at 07:00:00 UTC: .*cannot write$/),
    ]);
    for (const { reproduce } of evidence) expect(reproduce).toMatch(/^kubectl .* -n app-95/);
    expect(evidence.at(-1)!.reproduce).toContain('--previous');
  });

  test('and waits to be started again: the kill comes a life after that', () => {
    const { headline, eta } = reportOnPod([{ restarts: 3, state: backOff(40), lastState: ended(12, 33) }]);
    expect(headline).toContain(`it starts again at about ${clock(-28)} UTC; next kill in 61 s`);
    expect(eta!.seconds!.value).toBeCloseTo(28 + 33);
  });

  test('long ago, and outlived that life by far: still a risk, but quiet now, with no time given', () => {
    const { verdict, headline, eta } = reportOnPod([{ restarts: 1, state: running(7200), lastState: ended(7203, 33) }]);
    expect([verdict, eta!.status]).toEqual(['oom-risk', 'unknown']);
    expect(headline).toContain('Quiet now: it runs for 2 h since, longer than before its kill');
    expect(headline).not.toContain('next kill');
  });

  test('in four numbers that rise, is told by these', () => {
    const points = [9, 6, 3, 0].map((ago) => [ago, 100 - 3 * ago] as const);
    const { headline, growth } = reportOnPod([LOOP], { 'pod-metrics': metrics(used(points)) });
    expect(growth!.bytesPerSecond.value).toBeCloseTo(3 * MIB);
    expect(headline).toContain('Grows 3 MiB/s; next kill in ');
  });

  test('with another exit code than that of a kill, is told as a kill of a process in it', () => {
    const { headline } = reportOnPod([{ ...LOOP, lastState: ended(16, 33, { exitCode: 3 }) }]);
    expect(headline).toContain('OOM killed (a process in it, before the container ended with exit code 3) at ');
  });

  test('with another exit code, says nothing of when the next kill comes: the life went on after its own', () => {
    const { headline, growth, eta } = reportOnPod([{ ...LOOP, lastState: ended(16, 33, { exitCode: 3 }) }], {
      'pod-metrics': metrics(used([[8, 40]])),
    });
    expect(headline).not.toMatch(/next kill|judged by how long/i);
    expect([growth, eta?.seconds]).toEqual([undefined, undefined]);
  });

  test('in three numbers that rise, is not: they are no trend', () => {
    const points = [6, 3, 0].map((ago) => [ago, 100 - 3 * ago] as const);
    expect(reportOnPod([LOOP], { 'pod-metrics': metrics(used(points)) }).headline).toContain('Judged by how long');
  });

  test('in a burst at the end of its life, is not said to grow', () => {
    const late = { restarts: 1, state: running(90), lastState: ended(92, 150) };
    const { headline, growth } = reportOnPod([late], { 'pod-metrics': metrics(used([[4, 13]])) });
    expect(headline).toContain(
      'It uses far less than steady growth would have taken by now, so it was a burst, or growth that comes late; next kill in 60 s',
    );
    expect(growth).toBeUndefined();
  });

  test('in a Job that is over, meets no limit any more', () => {
    const report = podReport({ pods: podsOf([pod([{ state: ended(50, 12) }], { phase: 'Failed' })]) });
    expect(report.verdict).toBe('oom-risk');
    expect(report.headline).toContain('The pod has ended and is not started again');
    expect(report.headline).not.toMatch(/grows|next kill/i);
    expect(report.eta).toBeUndefined();
  });

  test('while it was watched, is told by the second reading', () => {
    const first = pod([{ state: running(30) }]);
    const later = pod([{ restarts: 1, state: backOff(10), lastState: ended(2, 33) }]);
    const report = podReport({
      pods: podsOf([first], { atUnixSeconds: NOW - 20 }),
      'pods-later': { pods: [later], atUnixSeconds: NOW },
    });
    expect(report.headline).toContain(`OOM killed at ${clock(2)} UTC, 2 s ago`);
    expect(report.restarts).toBe(1);
  });
});

describe('several pods', () => {
  const three = (...others: ReturnType<typeof pod>[]) => podsOf([pod([LOOP]), ...others]);
  const steady = (name: string) =>
    used(
      every10(5, () => 30),
      { pod: name },
    );

  test('of which one was killed, while the others do not grow, point to its node and its traffic', () => {
    const report = podReport({
      pods: three(pod([{}], { name: 'orca-2' }), pod([{}], { name: 'orca-3' })),
      'pod-metrics': metrics(steady('orca-2'), steady('orca-3')),
    });
    expect(report.headline).toContain(
      '1 of 3 pods was OOM killed, and no other grows: look at its node and its traffic.',
    );
    expect(report.pods!.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['orca-2', 'healthy'],
      ['orca-3', 'healthy'],
    ]);
  });

  test('of which another one grows than that which was looked at, say which', () => {
    const report = podReport({
      pods: podsOf([pod(), pod([{}], { name: 'orca-2' }), pod([{}], { name: 'orca-3' })]),
      'pod-metrics': metrics(
        used(every10(6, () => 30)),
        used(
          every10(6, (s) => 30 + s / 4),
          { pod: 'orca-2' },
        ),
        steady('orca-3'),
      ),
    });
    expect(report.verdict).toBe('oom-risk');
    expect(report.headline).toBe(
      'Not this pod, but orca-2 grows 256 KiB/s, at 42.5 of 128 MiB. 1 of 3 pods grows, and no other grows: look at its node and its traffic. Look at it: whyoom pod/orca-2.',
    );
  });

  test('that were all killed point to the program, and their lives narrow the next one', () => {
    const alone = podReport({ pods: three() }).eta!.seconds!;
    const killed = (name: string) => pod([{ ...LOOP, lastState: ended(20, 33) }], { name });
    const report = podReport({ pods: three(killed('orca-2'), killed('orca-3')) });
    expect(report.headline).toContain('3 of 3 pods were OOM killed: it is the program, not one pod.');
    expect(report.eta!.seconds!.high - report.eta!.seconds!.low).toBeLessThan(alone.high - alone.low);
  });

  test('under another limit tell nothing of how long a life lasts', () => {
    const other = pod([{ ...LOOP, lastState: ended(20, 300), spec: { limitBytes: 2 ** 30 } }], { name: 'orca-2' });
    expect(podReport({ pods: three(other) }).eta).toEqual(podReport({ pods: three() }).eta);
  });

  test('say why they do not run', () => {
    const report = podReport({
      pods: three(
        pod([{ state: ended(5, 5, { reason: 'Error' }) }], { name: 'orca-2', phase: 'Failed', reason: 'Evicted' }),
      ),
    });
    expect(report.pods).toEqual([{ name: 'orca-2', verdict: 'oom-risk', restarts: 0, status: 'Evicted' }]);
  });
});

describe('a rollout', () => {
  const rollout = (began: number) => ({
    revisions: [
      { revision: 3, name: 'orca-old', hash: 'old', createdAtUnixSeconds: NOW - 900_000, changes: [] },
      {
        revision: 4,
        name: 'orca-new',
        hash: '645f4b4d65',
        createdAtUnixSeconds: NOW - began,
        changes: ['image: orca:1.4 to orca:1.5'],
      },
    ],
  });
  test('is named where the first kill came soon after it', () => {
    expect(reportOnPod([LOOP], { rollout: rollout(136) }).headline).toContain(
      'Revision 4 began 2 min before the first kill that was seen: image: orca:1.4 to orca:1.5.',
    );
  });
  test('and pods of the revision before that do well do not point at the node', () => {
    const old = (name: string) => pod([{}], { name, revision: 'before' });
    const { headline } = podReport({
      pods: podsOf([pod([LOOP]), old('orca-2'), old('orca-3')]),
      rollout: rollout(136),
    });
    expect(headline).toContain('pods of the revision before were not killed');
    expect(headline).not.toContain('look at its node');
  });
  test('is not where the kill came days after it, or before', () => {
    for (const began of [500_000, 5])
      expect(reportOnPod([LOOP], { rollout: rollout(began) }).headline).not.toContain('Revision');
  });
});

describe('nothing was killed', () => {
  test('and four numbers over half a minute stand still: healthy, with what would not have shown', () => {
    const report = reportOnPod([{}], { 'pod-metrics': metrics(used(every10(6, () => 50))) });
    expect(report.verdict).toBe('healthy');
    expect(report.headline).toMatch(
      /^Nothing grows: memory stays at 50 of 128 MiB over 50 s.*A leak of less than .* an hour would not show/,
    );
    expect(report.eta).toEqual({ status: 'no-growth' });
  });

  test('but memory came right below the limit and went back: not healthy, in this pod and beside it', () => {
    const workers = every10(10, (s) => (s === 50 ? 126 : 9));
    const report = podReport({
      pods: podsOf([pod(), pod([{}], { name: 'orca-2' })]),
      'pod-metrics': metrics(used(workers), used(workers, { pod: 'orca-2' })),
    });
    expect([report.verdict, report.pods![0]!.verdict]).toEqual(['undecided', 'undecided']);
    expect(report.headline).toContain('it went up to 126 of 128 MiB and came back');
  });

  test('but it goes up and down so much that a rise to the limit in minutes would be hidden: not healthy', () => {
    const report = reportOnPod([{}], { 'pod-metrics': metrics(used(every10(8, (s) => (s % 20 === 0 ? 60 : 90)))) });
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toContain('it went up and down, so whether it fits is not known');
  });

  test.each([
    ['fewer numbers', { 'pod-metrics': metrics(used(every10(3, () => 50))) }, 'look longer with --for'],
    ['no numbers', { 'pod-metrics': metrics() }, 'no number of it yet'],
    [
      'no right to metrics',
      { 'pod-metrics': { code: 'denied', message: 'No right to get pods.metrics.k8s.io in app-95.' } },
      'No right to get pods.metrics.k8s.io in app-95',
    ],
    [
      'no right to events',
      {
        'pod-metrics': metrics(used(every10(6, () => 50))),
        events: { code: 'denied', message: 'No right to list events.' },
      },
      'events could not be read',
    ],
  ] as const)('but with %s it is undecided, and says what would decide it', (_, given, says) => {
    const report = podReport({ pods: podsOf([pod()]), ...given } as Parameters<typeof podReport>[0]);
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toContain(says);
  });

  test('but the metrics API stands still: undecided, with the age of its newest number', () => {
    const stale = { ...metrics(used([[4000, 50]])), ageSeconds: 4000 };
    for (const state of [running(13), running(9000)]) {
      const { verdict, headline } = reportOnPod([{ state }], { 'pod-metrics': stale });
      expect(verdict).toBe('undecided');
      expect(headline).toContain('the newest number of the metrics API is 67 min old: does metrics-server run?');
      expect(headline).not.toContain('50 of 128 MiB');
    }
  });

  test('and it grows: a risk, with the time to the limit', () => {
    const { verdict, headline, eta } = reportOnPod([{}], {
      'pod-metrics': metrics(used(every10(6, (s) => 50 + s / 4))),
    });
    expect(verdict).toBe('oom-risk');
    expect(headline).toMatch(/^Memory grows 256 KiB\/s, at 62\.5 of 128 MiB\. Next kill in 4\.4 min/);
    expect(eta!.seconds!.value).toBeCloseTo(262, 0);
  });

  test('and it grows without a limit: a risk to its node, with no time', () => {
    const report = reportOnPod([{ spec: {} }], { 'pod-metrics': metrics(used(every10(6, (s) => 50 + s / 4))) });
    expect([report.verdict, report.eta]).toEqual(['oom-risk', { status: 'no-limit' }]);
    expect(report.headline).toContain('It has no limit: it grows until its node runs out.');
  });

  test('and it grows right after its start, far from the limit: undecided, it may be loading', () => {
    const slow = metrics(used([30, 20, 10, 0].map((ago) => [ago, 50 - ago / 10] as const)));
    const report = reportOnPod([{ state: running(40) }], { 'pod-metrics': slow });
    expect([report.verdict, report.headline]).toEqual(['undecided', expect.stringContaining('may still be loading')]);
  });
});

describe('exit code 137 that is no OOM kill', () => {
  const ENDED = {
    restarts: 2,
    hasLivenessProbe: true,
    state: running(80),
    lastState: ended(82, 40, { reason: 'Error' }),
  };
  const KILLING = event({
    type: 'Normal',
    reason: 'Killing',
    message: 'Container app failed liveness probe, will be restarted',
    lastAtUnixSeconds: NOW - 112,
  });

  test('is told by the events: the liveness probe', () => {
    const report = reportOnPod([ENDED], { events: eventsOf(KILLING) });
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toMatch(/^Not an OOM kill: it was killed because its liveness probe failed at /);
    expect(report.kills).toEqual([]);
  });

  test('is told by the events of the life before, where the last one ended after they were read', () => {
    const later = { ...ENDED, restarts: 3, state: running(2), lastState: ended(3, 70, { reason: 'Error' }) };
    const report = podReport({
      pods: podsOf([pod([ENDED])], { atUnixSeconds: NOW - 20 }),
      'pods-later': { pods: [pod([later])], atUnixSeconds: NOW },
      events: eventsOf(KILLING),
    });
    expect(report.headline).toMatch(
      /^Not an OOM kill: it was killed because its liveness probe failed at .*; 3 restarts\.$/,
    );
  });

  test('is not told by events of another container or another life', () => {
    const other = { ...KILLING, about: { ...KILLING.about, container: 'proxy' } };
    const old = { ...KILLING, lastAtUnixSeconds: NOW - 3000 };
    for (const each of [other, old])
      expect(reportOnPod([ENDED], { events: eventsOf(each) }).headline).toContain('SIGKILL, exit code 137');
  });
});

describe('a program that ends by an exception', () => {
  const CRASHED = { restarts: 5, state: backOff(80), lastState: ended(3, 1, { reason: 'Error', exitCode: 1 }) };
  const log = (text: string) => ({
    logs: { logs: [{ pod: 'orca-1', container: 'app', previous: true, text, lines: 5, redacted: 0 }] },
  });
  const stamped = (lines: string[]) => lines.map((line) => `2026-11-18T11:06:37.123456789Z ${line}\n`).join('');
  const TRACEBACK = ['Traceback (most recent call last):', '  File "/app/app.py", line 3, in <module>', '    main()'];

  test('is told with its exception, from the log of the life before', () => {
    const report = reportOnPod([CRASHED], log(stamped(['starting', ...TRACEBACK, "KeyError: 'DB_HOST'"])));
    expect(report.headline).toMatch(
      /^Not an OOM kill: it ended by an exception \(KeyError: 'DB_HOST'\) at .* 5 restarts\.$/,
    );
    expect(report.findings[0]!.evidence[0]!.reproduce).toBe(
      'kubectl logs pod/orca-1 -c app --previous -n app-95 --context prod',
    );
  });

  test('is told by its exit code where the log does not end so', () => {
    const text = stamped([
      ...TRACEBACK,
      "KeyError: 'DB_HOST'",
      ...Array.from({ length: 40 }, (_, at) => `request ${at}`),
    ]);
    expect(reportOnPod([CRASHED], log(text)).headline).toContain('ended by itself with exit code 1');
  });
});

describe('a limit of the pod as a whole', () => {
  const together = (beside: number) =>
    podReport({
      pods: podsOf([pod([{ spec: {} }, { name: 'proxy', spec: {} }], { podLevel: { limitBytes: 128 * MIB } })]),
      'pod-metrics': metrics(used(every10(6, (s) => 40 + s / 4)), used([[2, beside]], { container: 'proxy' })),
    });
  test('is met sooner by what the other containers use', () => {
    const [alone, shared] = [together(0), together(40)];
    expect(alone.limit).toEqual({ bytes: 128 * MIB, scope: 'pod' });
    expect(alone.eta!.seconds!.value - shared.eta!.seconds!.value).toBeCloseTo(160, 0);
    expect(shared.headline).toContain('at 52.5 MiB, with 40 MiB of the others, of 128 MiB for the pod.');
  });
});

describe('a worker that was killed inside a container', () => {
  const logOf = (text: string) => ({
    logs: { logs: [{ pod: 'orca-1', container: 'app', previous: false, text, lines: 1, redacted: 0 }] },
  });
  const WORKER = '2026-11-18T11:06:37Z [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?\n';

  test('leaves no OOM kill in the status: the log tells of it, and it is a risk', () => {
    const still = { 'pod-metrics': metrics(used(every10(6, () => 50))) };
    const report = reportOnPod([{}], { ...still, ...logOf(WORKER.repeat(3)) });
    expect(report.verdict).toBe('oom-risk');
    expect(report.headline).toBe(
      'The status knows of no OOM kill, at 50 of 128 MiB, and would not of one inside the container. Its log says that a part of the program was killed (3 such lines): "Worker (pid:12) was sent SIGKILL! Perhaps out of memory?".',
    );
    expect(report.kills).toEqual([]);
    expect(reportOnPod([{}], { ...still, ...logOf('INFO all is well\n') }).verdict).toBe('healthy');
  });

  test('in a life that has ended by itself, is no risk yet: its own supervisor may have killed it', () => {
    const crashed = (exitCode: number) => ({
      restarts: 2,
      state: backOff(80),
      lastState: ended(3, 40, { reason: 'Error', exitCode }),
    });
    const report = reportOnPod([crashed(1)], logOf(WORKER));
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toBe(
      'The status knows of no OOM kill: it ended by itself with exit code 1, after a life of 40 s. Its log says that a part of the program was killed: "Worker (pid:12) was sent SIGKILL! Perhaps out of memory?". Whether for lack of memory, nobody says.',
    );
    expect(reportOnPod([crashed(137)], logOf(WORKER)).verdict).toBe('oom-risk');
    expect(reportOnPod([crashed(1)], logOf('2026-11-18T11:06:37Z ERROR out of memory\n')).verdict).toBe('oom-risk');
  });
});

describe('a pod that was evicted', () => {
  const evicted = (message: string) =>
    podReport({ pods: podsOf([pod([{ state: { is: 'unknown' } }], { phase: 'Failed', reason: 'Evicted', message })]) });
  test('for lack of memory is a risk', () => {
    const report = evicted('The node was low on resource: memory. Container app was using 512Mi, request is 16Mi.');
    expect([report.verdict, report.findings[0]!.confidence.level]).toEqual(['oom-risk', 'high']);
  });
  test.each([
    'The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 3Mi.',
    'Usage of EmptyDir volume "marks" exceeds the limit "1Mi".',
  ])('for files is none: %s', (message) => {
    const report = evicted(message);
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toBe(`Evicted, but not for memory as far as the kubelet says: ${message}`);
  });
});

describe('where nothing ran', () => {
  const waitsFor = (reason: string, message: string) => ({ state: { is: 'waiting' as const, reason, message } });
  test.each([
    [
      'no node takes it',
      pod([{ state: { is: 'unknown' } }], {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient memory.' },
        ],
      }),
      'no node takes the pod (0/1 nodes are available: 1 Insufficient memory). To do: ask for less memory',
    ],
    [
      'the image cannot be pulled',
      pod([waitsFor('ImagePullBackOff', 'Back-off pulling image "orca:9"')], { phase: 'Pending' }),
      'ImagePullBackOff (Back-off pulling image "orca:9"). To do: check the name',
    ],
    [
      'its Secret is missing',
      pod([waitsFor('CreateContainerConfigError', 'secret "orca" not found')], { phase: 'Pending' }),
      'secret "orca" not found',
    ],
    [
      'an init container fails',
      pod(
        [
          { state: { is: 'waiting', reason: 'PodInitializing' } },
          { name: 'migrate', kind: 'init', state: ended(2, 1, { reason: 'Error', exitCode: 3 }) },
        ],
        { phase: 'Pending' },
      ),
      'the init container "migrate" fails before it (Error, exit code 3)',
    ],
  ])('since %s, it is undecided and says so', (_, given, says) => {
    const report = podReport({ pods: podsOf([given]) });
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toContain(says);
  });

  test('since there are no pods, it says so', () => {
    expect(podReport({ pods: podsOf([]) })).toMatchObject({
      verdict: 'undecided',
      headline: expect.stringContaining('deployment.apps/orca has no pods: it is scaled to 0'),
    });
  });

  test('and what may not be read is undecided, with the Role', () => {
    const problem = { code: 'denied' as const, message: 'No right to list pods in app-95.', hint: 'whyoom preflight' };
    const report = podReport({ pods: problem });
    expect(report).toMatchObject({ verdict: 'undecided', findings: [] });
    expect(report.headline).toBe('The pods could not be read: No right to list pods in app-95.');
    expect(report.unknown[0]).toMatchObject({ needed: 'pods', problem });
  });
});
