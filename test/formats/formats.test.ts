import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { formats } from '../../src/formats/index.ts';
import { counted } from '../counted.ts';
import { expectValidReport } from '../report-valid.ts';
import { HOSTILE_TEXTS, healthy, huge, killed, leak, minimal, sampleReports, withTexts } from './sample-reports.ts';

const screen = { width: 80, color: true, unicode: true };
const rendered = (id: string, report: Report, on = screen) =>
  formats.find((each) => each.id === id)!.render(report, on);
/** Any text, and more of what is dangerous than chance would give. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.constantFrom(...'`\\|<>&"\'[]()!#*_~$:@-+=. \n\r\t\x1b\u202e\u0085\ud800a1'), { maxLength: 40 })
    .map((all) => all.join('')),
  fc.array(fc.constantFrom(...HOSTILE_TEXTS, '`', '``', '\\', '|', ' '), { maxLength: 4 }).map((all) => all.join('')),
);
const reportWithAnyText = anyText.map((text) => withTexts(leak, text));
/** Everything of Cc, Cf, Zl, Zp and Cs but the line feed. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe.each(Object.entries(sampleReports))('the sample %s', (name, report) => {
  test('obeys the schema that is shipped', () => expectValidReport(report));

  test.each(formats.map(({ id }) => id).filter((id) => id !== 'name'))(
    'is rendered as %s, with its verdict and without what cannot be seen',
    (id) => {
      const text = rendered(id, report, { ...screen, color: false });
      expect(text.endsWith('\n')).toBe(true);
      expect(text.toUpperCase().replaceAll('-', ' ')).toContain(report.verdict.toUpperCase().replaceAll('-', ' '));
      // A tab in a patch is part of it.
      expect(text.replaceAll('\t', '')).not.toMatch(UNSEEN);
      counted('cases', `${name} as ${id}`);
    },
  );

  test.each([80, 60])('fits a terminal of %i columns, in ASCII too', (width) => {
    const text = rendered('terminal', report, { width, color: false, unicode: false });
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.split('\n').filter((line) => line.length > width)).toEqual([]);
  });
});

test('-o name is what kubectl takes again, and nothing else', () => {
  expect(rendered('name', killed)).toBe('pod/orca-645f4b4d65-hhxmt\n');
  const { container: _, ...gone } = killed.target;
  expect(rendered('name', { ...killed, target: gone })).toBe('deployment.apps/orca\n');
  expect(rendered('name', { ...killed, target: { kind: 'pod', name: 'app-95/deploy/orca' } })).toBe('deploy/orca\n');
  for (const name of ['pods -l app=orca', '-l app=orca'])
    expect(rendered('name', { ...killed, target: { kind: 'pod', name: `app-95/${name}` } })).toBe('');
  expect(rendered('name', { ...killed, target: { ...gone, workload: 'pods -l app=orca' } })).toBe('');
  expect(rendered('name', healthy)).toBe('pid 4242\n');
  fc.assert(
    fc.property(reportWithAnyText, (report) => {
      expect(rendered('name', report)).not.toMatch(UNSEEN);
    }),
    { numRuns: 100 },
  );
});

test('of several pods, those in trouble come first and the rest is counted', () => {
  const pods = Array.from({ length: 300 }, (_, at) => ({
    name: `orca-${at}`,
    verdict: at === 299 ? ('oom-risk' as const) : ('healthy' as const),
    restarts: 0,
  }));
  const many = { ...killed, pods };
  expect(rendered('terminal', many, { ...screen, color: false })).toMatch(/^Pods +orca-299 +OOM RISK.*$/m);
  expect(rendered('terminal', many)).toContain('… 295 more: -o html');
  expect(rendered('html', many)).toContain('… 200 more');
  expect(rendered('markdown', many)).toContain('… 280 more');
});

test('the chart is that of the container that is diagnosed, not of the pod with most numbers', () => {
  const text = rendered('terminal', killed, { ...screen, color: false });
  expect(text).toMatch(/working set/);
  expect(text).toMatch(/^ +52 MiB ┤/m);
});

test('the terminal shows nothing that moves a cursor but its own colours, whatever the target calls things', () => {
  fc.assert(
    fc.property(reportWithAnyText, (report) => {
      expect(rendered('terminal', report).replace(/\x1b\[(?:0|1|32|1;3[13])m/g, '')).not.toMatch(UNSEEN);
      expect(rendered('terminal', report, { ...screen, color: false })).not.toContain('\x1b');
    }),
    { numRuns: 300 },
  );
});

test('colour marks the verdict and the changed lines, and nothing else', () => {
  const painted = [...rendered('terminal', leak).matchAll(/\x1b\[[\d;]+m(.*?)\x1b\[0m/g)].map((match) =>
    match[1]!.trim(),
  );
  expect(painted).toEqual(['LEAK', '+ del self.processed_images[:-20]']);
});

test('JSON says the whole report again, and only in characters that can be seen', () => {
  fc.assert(
    fc.property(reportWithAnyText, (report) => {
      const text = rendered('json', report);
      expect(JSON.parse(text)).toEqual(report);
      expect(text).not.toMatch(UNSEEN);
    }),
    { numRuns: 300 },
  );
});

test('HTML has no tag and no attribute that comes from the target', () => {
  const shape = (report: Report) => new Set(rendered('html', report).match(/<\/?[a-z][^\s<>]*|\s[\w-]+="/gi));
  const known = new Set([...shape(leak), ...shape(healthy)]);
  fc.assert(
    fc.property(reportWithAnyText, (report) => {
      const unknown = [...shape(report)].filter((each) => !known.has(each) && !/^\s/.test(each));
      expect(unknown).toEqual([]);
      expect(rendered('html', report)).not.toMatch(/<(?![/!]?[a-z])/i);
      expect(rendered('html', report).replaceAll('\t', '')).not.toMatch(UNSEEN);
    }),
    { numRuns: 200 },
  );
});

test('Markdown outside of code has nothing that opens a tag, a link, a mention or a table', () => {
  fc.assert(
    fc.property(reportWithAnyText, (report) => {
      const prose = withoutCode(rendered('markdown', report));
      // What is left is our own: headings, bold words, tables, list items, and a backslash before a line's first sign.
      const ours = prose
        .replace(/^#{2,3} /gm, '')
        .replaceAll('**Fix:**', '')
        .replaceAll('**Evidence**', '')
        .replace(/^\|.*\|$/gm, (row) => row.slice(1, -1).replaceAll(' | ', ' '));
      expect(ours).not.toMatch(/[`*_[\]<>|~@#$^{}]|:\/\/|www\.|&/i);
    }),
    { numRuns: 300 },
  );
});

test('numbers that make no sense break no format', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const size = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
  const estimate = fc.record({ value: number, low: number, high: number, level: fc.constant(0.9) });
  const life = fc.array(fc.tuple(number, number), { maxLength: 5 });
  const odd = fc.record({
    estimate,
    bytes: size,
    lives: fc.array(life, { maxLength: 3 }),
    limit: size,
    instances: fc.integer({ min: 1 }),
  });
  fc.assert(
    fc.property(odd, ({ estimate: any, bytes, lives, limit, instances }) => {
      const report: Report = {
        ...leak,
        limit: { bytes: limit, scope: 'container' },
        usage: { ...leak.usage!, bytes },
        growth: { bytesPerSecond: any, with: 'work' },
        eta: { status: 'estimated', seconds: any },
        work: { unit: 'image', perSecond: any, bytesPerItem: any },
        series: [{ measure: 'rss', source: 'process', lives }],
        breakdown: [{ part: 'kernel', bytes }],
        findings: leak.findings.map((each) => ({
          ...each,
          holder: { ...each.holder!, instances, items: instances, retainedBytes: bytes },
        })),
      };
      for (const { id } of formats) expect(rendered(id, report)).not.toMatch(/NaN|undefined|\[object/);
    }),
    { numRuns: 300 },
  );
});

test('a name of a megabyte is cut for people and kept for scripts', () => {
  const length = huge.findings[0]!.holder!.name.length;
  const sizes = Object.fromEntries(formats.map(({ id }) => [id, rendered(id, huge).length]));
  expect(sizes.json).toBeGreaterThan(50 * length);
  expect(sizes.terminal).toBeLessThan(6000);
  expect(sizes.markdown).toBeLessThan(200_000);
  expect(sizes.html).toBeLessThan(700_000);
});

test('a report with nothing but its required fields says only what it knows', () => {
  expect(rendered('terminal', minimal, { ...screen, color: false })).not.toMatch(/limit|Memory|Checked|undefined|NaN/);
});

/** Markdown without fenced blocks and code spans, found as CommonMark finds them (0.31, sections 4.5 and 6.1). */
function withoutCode(text: string): string {
  const blocks = text.replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, '');
  return blocks.replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
}

test.each(['terminal', 'markdown', 'html'])(
  'as %s, nothing is said of when what grew and ended meets its limit',
  (id) => {
    const unknown: Report = { ...leak, target: healthy.target, eta: { status: 'unknown' } };
    expect(unknown.limit).toBeDefined();
    const said = /When the limit is reached is not known/;
    expect(rendered(id, unknown)).not.toMatch(said);
    const { growth: _, ...hidden } = unknown;
    expect(rendered(id, hidden)).toMatch(said);
  },
);

const render = (report: Report, id = 'terminal') =>
  formats.find((format) => format.id === id)!.render(report, { width: 80, color: false, unicode: true });

test('a holder that the headline does not name is called by its class and attribute', () => {
  const [first] = leak.findings;
  const holder = { ...first!.holder!, name: 'weakref.WeakKeyDictionary.data' };
  const report = { ...leak, findings: [first!, { ...first!, holder }] };
  expect(render(report)).toMatch(/^2 {2}weakref\.WeakKeyDictionary\.data .*\n {3}list, 96 × dict · /m);
  expect(render({ ...report, headline: 'WeakKeyDictionary.data grows.' })).toMatch(/^2 {2}data {3}list, /m);
});

test('which of many instances holds it is said in text, too, for no longer than can be read', () => {
  const [first] = leak.findings;
  const path = Array.from({ length: 30 }, (_, at) => ({ kind: 'attribute', name: `step${at}` }));
  const deep = { ...leak, findings: [{ ...first!, holder: { ...first!.holder!, path } }] };
  for (const id of ['terminal', 'markdown', 'html'])
    expect(
      render(deep, id)
        .replace(/<[^>]*>|`|\s+/g, ' ')
        .replace(/ +/g, ' '),
    ).toMatch(/Reached by attribute step0 → .* attribute step3 → … .*→ attribute step26 .* attribute step29/);
  const plain = { ...first!.holder!, kind: 'module-variable' as const, path: path.slice(0, 2) };
  expect(render({ ...leak, findings: [{ ...first!, holder: plain }] })).not.toContain('Reached by');
});

test('a sentence that did not succeed is joined with what to do about it', () => {
  const problem = { code: 'denied' as const, message: 'No right to read it.', hint: 'run it as root' };
  const report = { ...leak, unknown: [{ needed: 'heap', by: [], problem }] };
  expect(render(report)).toContain('No right to read it; run it as root');
});

test('what one Role would allow is one entry, and what nobody asked for is none', () => {
  const hint = 'The Role that allows it: whyoom preflight deploy/orca -o yaml';
  const denied = (needed: string, right: string) => ({
    needed,
    by: [],
    problem: { code: 'denied' as const, message: `No right to ${right}.`, hint },
  });
  const notAsked = { code: 'refused' as const, message: 'The kubelets were not asked.', hint: '--allow node-stats' };
  const report = {
    ...minimal,
    unknown: [
      denied('nodes', 'get nodes'),
      { needed: 'node-stats', by: [], problem: notAsked },
      denied('prometheus', 'list services'),
    ],
  };
  for (const id of ['terminal', 'markdown', 'html']) {
    const text = rendered(id, report, { ...screen, color: false }).replace(/\s+/g, ' ');
    expect(text.match(/The Role that allows it/g)).toHaveLength(1);
    expect(text).toMatch(/No right to get nodes\. No right to list services/);
    expect(text).not.toContain('kubelet');
  }
});
