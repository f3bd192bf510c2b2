import type { Finding, Report } from '../../src/core/report.ts';

const MIB = 1024 ** 2;
const START = 1_795_374_536;
const estimate = (value: number, low: number, high: number) => ({ value, low, high, level: 0.9 });

/** A climb of `seconds`, a point each second. */
const climb = (from: number, seconds: number, low: number, perSecond: number): [number, number][] =>
  Array.from({ length: seconds + 1 }, (_, at) => [from + at, Math.round(low + at * perSecond)]);

const processedImages: Finding = {
  cause: 'unbounded-collection',
  confidence: { level: 'high', value: 0.97, basis: 'calibrated' },
  summary: 'ImageProcessor.processed_images keeps every image, about 1.3 MiB each.',
  explainsBytesPerSecond: 2.4 * MIB,
  holder: {
    name: '__main__.ImageProcessor.processed_images',
    kind: 'instance-attribute',
    instances: 1,
    path: [
      { kind: 'frame', name: 'main', file: '/app/app.py', line: 47 },
      { kind: 'local', name: 'processor' },
      { kind: 'attribute', name: 'processed_images' },
    ],
    type: 'list',
    items: 96,
    elementType: 'dict',
    ownBytes: 920,
    retainedBytes: 113 * MIB,
    sharedBytes: 0,
    bytesPerItem: 1.25 * MIB,
    growth: { itemsPerSecond: 1.9, bytesPerSecond: 2.4 * MIB },
  },
  places: [
    {
      role: 'feeds',
      file: '/app/app.py',
      line: 34,
      function: 'ImageProcessor.process_image',
      code: '        self.processed_images.append(processed)',
      how: 'heap+source',
    },
  ],
  evidence: [
    {
      says: '96 items, 77 ten seconds before; each keeps 1.3 MiB.',
      from: 'heap-growth',
      reproduce: 'whyoom --pid 4242 --for 20s',
    },
    {
      says: 'Never emptied: no pop, clear, del or new list anywhere in the module.',
      from: 'source',
      reproduce: "grep -nE 'processed_images' /app/app.py",
    },
  ],
  fix: {
    summary: 'keep what later code needs (its id and size), not the image; or bound it: 20 images fit the limit.',
    advice: [
      'If only the last images are read, keep the last 20: the patch does this.',
      'If all are read, write them to disk and keep their paths.',
    ],
    patch: [
      '--- a/app.py',
      '+++ b/app.py',
      '@@ -32,5 +32,6 @@',
      ' ',
      '         processed = self._filter(image)',
      '         self.processed_images.append(processed)',
      '+        del self.processed_images[:-20]',
      '         self.count += 1',
      '         return processed',
      '',
    ].join('\n'),
    changesResults: true,
    files: [{ path: 'app.py', sha256: 'f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2' }],
  },
};

const thumbnailCache: Finding = {
  cause: 'unbounded-cache',
  confidence: { level: 'medium', value: null, basis: 'rule' },
  summary: 'app.cache.thumbnail_cache is a cache that never forgets: one thumbnail for each image.',
  explainsBytesPerSecond: 0.1 * MIB,
  holder: {
    name: 'app.cache.thumbnail_cache',
    kind: 'module-variable',
    instances: 1,
    path: [
      { kind: 'module', name: 'app.cache' },
      { kind: 'attribute', name: 'thumbnail_cache' },
    ],
    type: 'dict',
    items: 96,
    elementType: 'bytes',
    ownBytes: 4704,
    retainedBytes: 4.8 * MIB,
    sharedBytes: 0,
    growth: { itemsPerSecond: 1.9, bytesPerSecond: 0.1 * MIB },
  },
  places: [
    {
      role: 'feeds',
      file: '/app/cache.py',
      line: 12,
      function: 'thumbnail',
      code: 'thumbnail_cache[key] = made',
      how: 'heap+source',
    },
    {
      role: 'creates',
      file: '/app/cache.py',
      line: 5,
      code: 'thumbnail_cache: dict[str, bytes] = {}',
      how: 'heap+source',
    },
  ],
  evidence: [
    { says: '96 items, 77 ten seconds before.', from: 'heap-growth', reproduce: 'whyoom --pid 4242 --for 20s' },
  ],
  fix: { summary: 'bound it with functools.lru_cache(maxsize=64) on the function.', advice: [] },
};

/** As in the documentation: a pod that leaks, was killed, and will be again. */
export const leak: Report = {
  version: 1,
  tool: '0.1.0',
  collectedAt: '2026-11-22T19:10:03Z',
  target: {
    kind: 'pod',
    name: 'app-95/orca-645f4b4d65-hhxmt',
    container: 'orca',
    workload: 'deployment/orca',
  },
  verdict: 'leak',
  headline: 'ImageProcessor.processed_images keeps every image, about 1.3 MiB each.',
  limit: { bytes: 128 * MIB, scope: 'container' },
  usage: { bytes: 118 * MIB, measure: 'unreclaimable', source: 'cgroup', at: '2026-11-22T19:10:03Z' },
  growth: { bytesPerSecond: estimate(2.4 * MIB, 2.2 * MIB, 2.7 * MIB), with: 'work' },
  eta: { status: 'estimated', seconds: estimate(21, 18, 25) },
  work: { unit: 'image', perSecond: estimate(1.9, 1.8, 2), bytesPerItem: estimate(1.25 * MIB, 1.2 * MIB, 1.3 * MIB) },
  kills: [{ at: '2026-11-22T19:09:29Z', reason: 'OOMKilled', exitCode: 137, livedSeconds: 33, seen: 'lastState' }],
  restarts: 4,
  series: [
    {
      container: 'orca',
      pid: 1,
      measure: 'unreclaimable',
      source: 'cgroup',
      lives: [climb(START, 33, 41 * MIB, 2.6 * MIB), climb(START + 36, 31, 41 * MIB, 2.5 * MIB)],
    },
  ],
  breakdown: [
    { part: 'python-objects', bytes: 101 * MIB },
    { part: 'python-arenas-free', bytes: 3 * MIB },
    { part: 'c-heap-used', bytes: 9 * MIB },
    { part: 'file-mapped', bytes: 4 * MIB },
    { part: 'anonymous-other', bytes: MIB },
  ],
  processes: [{ pid: 1, command: 'python /app/app.py', python: '3.9.18', rssBytes: 117 * MIB, read: true }],
  findings: [processedImages, thumbnailCache],
  unknown: [
    {
      needed: 'prometheus',
      by: [],
      problem: {
        code: 'denied',
        message: 'no right to list services in "monitoring"',
        hint: '`whyoom preflight` prints the Role',
      },
    },
  ],
  steps: [
    { key: 'status', ok: true, ms: 61, rung: 'api' },
    { key: 'events', ok: true, ms: 48, rung: 'api' },
    { key: 'logs', ok: true, ms: 143, rung: 'api', note: '2 containers, 214 lines' },
    { key: 'memory-series', ok: true, ms: 20_012, rung: 'api', note: '30 samples in 20 s' },
    { key: 'heap', ok: true, ms: 612, rung: 'exec', note: 'paused 41 ms, 812,404 objects' },
    { key: 'prometheus', ok: false, ms: 19, rung: 'api' },
  ],
};

/** A process on this machine: no container, a limit far away, nothing that grows. */
export const healthy: Report = {
  version: 1,
  tool: '0.1.0',
  collectedAt: '2026-11-22T19:10:03Z',
  target: { kind: 'process', name: 'pid 4242' },
  verdict: 'healthy',
  headline: 'Nothing grows: memory was the same to within 0.2 MiB for 20 s of work.',
  usage: { bytes: 52 * MIB, measure: 'rss', source: 'process', at: '2026-11-22T19:10:03Z' },
  growth: { bytesPerSecond: estimate(1200, -2100, 4096), with: 'undecided' },
  eta: { status: 'no-growth' },
  series: [
    {
      pid: 4242,
      measure: 'rss',
      source: 'process',
      lives: [Array.from({ length: 41 }, (_, at) => [START + at / 2, 52 * MIB + ((at * 7919) % 5) * 40_960])],
    },
  ],
  processes: [
    { pid: 4240, command: 'gunicorn: master [shop]', python: '3.12.1', rssBytes: 24 * MIB, read: false },
    { pid: 4242, command: 'gunicorn: worker [shop]', python: '3.12.1', rssBytes: 52 * MIB, read: true },
  ],
  findings: [],
  unknown: [],
  steps: [
    { key: 'processes', ok: true, ms: 12, rung: 'local', note: '2 processes' },
    { key: 'memory-limit', ok: true, ms: 3, rung: 'local', note: 'no limit' },
    { key: 'memory-series', ok: true, ms: 20_004, rung: 'local', note: '41 samples in 20 s' },
    { key: 'heap', ok: true, ms: 480, rung: 'attach', note: 'paused 9 ms, 104,220 objects' },
    { key: 'heap-growth', ok: true, ms: 510, rung: 'attach', note: '0 of 812 containers grew' },
  ],
};

const denied = {
  code: 'denied',
  message: 'process 4242 belongs to another user (uid 1000)',
  hint: 'run as that user, or with sudo',
} as const;

/** Memory grows, and nobody may look why. */
export const undecided: Report = {
  ...healthy,
  verdict: 'undecided',
  headline: 'Memory grows, and the heap could not be read: what holds it is not known.',
  growth: { bytesPerSecond: estimate(350 * 1024, 300 * 1024, 400 * 1024), with: 'time' },
  eta: { status: 'no-limit' },
  series: [{ pid: 4242, measure: 'rss', source: 'process', lives: [climb(START, 20, 52 * MIB, 350 * 1024)] }],
  processes: [{ pid: 4242, command: 'python worker.py', python: '3.11.7', rssBytes: 52 * MIB, read: false }],
  unknown: [
    { needed: 'heap', by: ['unbounded-collection'], problem: denied },
    { needed: 'heap-growth', by: ['unbounded-collection', 'unbounded-cache'], problem: denied },
  ],
  steps: [
    { key: 'processes', ok: true, ms: 12, rung: 'local', note: '1 process' },
    { key: 'memory-series', ok: true, ms: 20_004, rung: 'local', note: '41 samples in 20 s' },
    { key: 'heap', ok: false, ms: 1, rung: 'attach' },
    { key: 'heap-growth', ok: false, ms: 0, rung: 'attach' },
  ],
};

/** Markup, controls, bidi overrides and what ends a code span, a fence, a table cell or an attribute. */
export const HOSTILE_TEXTS = [
  `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">`,
  `"><svg onload=alert(1)>' onclick='alert(1)' --> ]]> </style></pre></code></title>`,
  '\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\t\b\x7f\u0085',
  'a\u202egnp.exe\u2066\u2069\u200b\u2028\u2029\ufeff\ud800',
  '``` ` `` [click](javascript:alert(1)) ![x](http://evil.example/x.png) | a \\| b | <b>x</b> &lt;b&gt; @team #1 $x$ :tada:',
  '\n\n# heading\n- item\n1. one\n> quote\n```\nfence\n~~~\n---\n===\n',
  'www.evil.example https://evil.example/?a=1&b=2 me@evil.example //evil.example',
  '日本語の名前 é 👩‍👩‍👧 a\u0301 \u{e0041}',
];
const hostile1 = HOSTILE_TEXTS.join(' ');

/** Every text of a report replaced, as far as the schema lets it be any text. */
export function withTexts(report: Report, text: string): Report {
  return {
    ...report,
    tool: text,
    target: { ...report.target, name: text, container: text, workload: text },
    headline: text,
    ...(report.usage ? { usage: { ...report.usage, source: text } } : {}),
    ...(report.work ? { work: { ...report.work, unit: text } } : {}),
    kills: [{ at: '2026-11-22T19:09:29Z', container: text, reason: text, seen: text }],
    pods: [{ name: text, verdict: 'undecided', restarts: 1, status: text }],
    series: report.series.map((each) => ({ ...each, container: text, measure: text, source: text })),
    breakdown: [{ part: text, bytes: 5 * MIB }],
    processes: [{ pid: 1, command: text, python: text, rssBytes: MIB, read: true }],
    compared: {
      with: { name: text, collectedAt: '2026-11-22T15:46:03Z', tool: text },
      seconds: 60,
      sameProcess: false,
      grew: [{ name: text, type: text, itemsBefore: 1, itemsNow: 2 }],
      shrank: [{ name: text, type: text, itemsBefore: 1 }],
      new: [{ name: text, type: text, itemsNow: 2 }],
      fixed: [{ name: text, itemsPerSecond: 1, bytesPerSecond: 1 }],
      types: [{ name: text, itemsBefore: 1, itemsNow: 2, bytesBefore: 1, bytesNow: 2 }],
    },
    findings: report.findings.map((finding) => withTextsFinding(finding, text)),
    unknown: [{ needed: text, by: [text], problem: { code: 'denied', message: text, hint: text } }],
    steps: [
      { key: text, ok: true, ms: 3, rung: text, note: text },
      { key: text, ok: false, ms: 3, rung: text },
    ],
  };
}

function withTextsFinding(finding: Finding, text: string): Finding {
  const { holder, fix } = finding;
  return {
    ...finding,
    summary: text,
    ...(holder
      ? {
          holder: {
            ...holder,
            name: text,
            path: [{ kind: text, name: text, file: text }],
            type: text,
            elementType: text,
          },
        }
      : {}),
    places: finding.places.map((place) => ({ ...place, file: text, function: text, code: text })),
    evidence: [{ says: text, from: text, reproduce: text }],
    fix: {
      ...fix,
      summary: text,
      advice: [text],
      patch: `--- a/${text}\n+++ b/x\n@@ -1,1 +1,2 @@\n-${text.replaceAll('\n', ' ')}\n+${text.replaceAll('\n', ' ')}\n+x\n`,
      files: [{ path: text, sha256: text }],
    },
  };
}

export const hostile: Report = withTexts(leak, hostile1);

/** Required fields only. */
export const minimal: Report = {
  version: 1,
  tool: '0.1.0',
  collectedAt: '2026-11-22T19:10:03Z',
  target: { kind: 'logs', name: 'app.log' },
  verdict: 'undecided',
  headline: 'Nothing was measured.',
  series: [],
  findings: [],
  unknown: [],
  steps: [],
};

/** Fifty findings with names of a megabyte. The strings are shared: it takes a megabyte here, and fifty as JSON. */
const megabyte = 'very_long_name.'.repeat(70_000);
export const huge: Report = {
  ...leak,
  series: [{ ...leak.series[0]!, lives: [climb(START, 50_000, 41 * MIB, 1700)] }],
  findings: Array.from({ length: 50 }, () => ({
    ...processedImages,
    summary: megabyte,
    holder: { ...processedImages.holder!, name: megabyte },
  })),
};

/** The same, beside a look of hours before. */
export const compared: Report = {
  ...leak,
  compared: {
    with: { name: 'python app.py (pid 4242)', collectedAt: '2026-11-22T15:46:03Z', tool: '0.1.0' },
    seconds: 3.4 * 3600,
    sameProcess: true,
    ageBefore: 7200,
    ageNow: 5.4 * 3600,
    grew: [
      {
        name: '__main__.ImageProcessor.processed_images',
        type: 'list',
        itemsBefore: 12,
        itemsNow: 96,
        bytesBefore: 15 * MIB,
        bytesNow: 113 * MIB,
        itemsPerSecond: 0.006863,
        bytesPerSecond: 8395,
      },
    ],
    shrank: [{ name: 'app.POOL', type: 'set', itemsBefore: 4000, bytesBefore: 400_000, bytesPerSecond: -33 }],
    new: [{ name: "app.STATE['seen']", type: 'dict', itemsNow: 1200, bytesNow: 100_000, bytesPerSecond: 8 }],
    fixed: [{ name: 'cache.thumbnail_cache', itemsPerSecond: 1.9, bytesPerSecond: 0.1 * MIB }],
    types: [{ name: 'bytes', itemsBefore: 120, itemsNow: 960, bytesBefore: 14 * MIB, bytesNow: 112 * MIB }],
  },
};

/** As the API alone tells it: killed again and again, two pods beside it, no right to more. */
export const killed: Report = {
  version: 1,
  tool: '0.1.0',
  collectedAt: '2026-11-22T19:10:03Z',
  target: { kind: 'pod', name: 'app-95/orca-645f4b4d65-hhxmt', container: 'orca', workload: 'deployment.apps/orca' },
  verdict: 'oom-risk',
  headline:
    'OOM killed at 19:09:29 UTC, 34 s ago, after a life of 33 s; 4 restarts. Judged by how long it lives it grows about 2.7 MiB/s (2.3–3.1 MiB/s); next kill in 3 s (0–11 s). 3 of 3 pods were OOM killed: it is the program, not one pod. What holds it is not known from the API alone.',
  limit: { bytes: 128 * MIB, scope: 'container' },
  usage: { bytes: 112 * MIB, measure: 'working-set', source: 'metrics API', at: '2026-11-22T19:10:00Z' },
  growth: { bytesPerSecond: estimate(2.7 * MIB, 2.3 * MIB, 3.1 * MIB), with: 'undecided' },
  eta: { status: 'estimated', seconds: estimate(3, 0, 11), at: '2026-11-22T19:10:03.000Z' },
  kills: [
    { at: '2026-11-22T19:09:29Z', reason: 'OOMKilled', exitCode: 137, livedSeconds: 33, seen: 'lastState' },
    { at: '2026-11-22T19:09:40Z', container: 'proxy', reason: 'OOMKilled', exitCode: 137, seen: 'lastState' },
  ],
  restarts: 4,
  pods: [
    { name: 'orca-645f4b4d65-zdx8x', verdict: 'oom-risk', restarts: 3, status: 'CrashLoopBackOff' },
    {
      name: 'orca-645f4b4d65-2k9vq',
      verdict: 'oom-risk',
      usage: { bytes: 61 * MIB, measure: 'working-set', source: 'metrics API', at: '2026-11-22T19:10:00Z' },
      restarts: 1,
    },
  ],
  series: [
    {
      pod: 'orca-645f4b4d65-zdx8x',
      container: 'orca',
      measure: 'working-set',
      source: 'metrics API',
      lives: [climb(START, 60, 20 * MIB, MIB)],
    },
    {
      pod: 'orca-645f4b4d65-hhxmt',
      container: 'orca',
      measure: 'working-set',
      source: 'metrics API',
      lives: [
        [
          [START + 4, 52 * MIB],
          [START + 14, 80 * MIB],
          [START + 24, 107 * MIB],
        ],
        [
          [START + 44, 58 * MIB],
          [START + 54, 85 * MIB],
          [START + 64, 112 * MIB],
        ],
      ],
    },
  ],
  findings: [],
  unknown: [
    {
      needed: 'nodes',
      by: [],
      problem: {
        code: 'denied',
        message: 'No right to get nodes.',
        hint: 'The Role that allows it: whyoom preflight deploy/orca -n app-95 -o yaml',
      },
    },
  ],
  steps: [
    { key: 'pods', ok: true, ms: 61, rung: 'api', note: '3 pods' },
    { key: 'pods-later', ok: true, ms: 30, rung: 'api' },
    { key: 'events', ok: true, ms: 48, rung: 'api', note: '12 events' },
    { key: 'pod-metrics', ok: true, ms: 20_012, rung: 'api', note: '3 new numbers' },
    { key: 'nodes', ok: false, ms: 0, rung: 'api' },
  ],
};

export const sampleReports: Record<string, Report> = {
  leak,
  compared,
  killed,
  healthy,
  undecided,
  hostile,
  minimal,
  huge,
};
