import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { gatherLogs } from '../../src/app.ts';
import { sourceOfNumber } from '../../src/facts/logs/number-source.ts';
import { growingTemplates } from '../../src/steps/log-source.ts';
import { temporaryFolder } from '../temporary.ts';

const FILES = {
  'shop/cache.py':
    'class Cache:\n    def __init__(self):\n        self.kept = {}\n    def put(self, k, v):\n        self.kept[k] = v\n',
  'shop/main.py':
    'from shop.cache import Cache\ncache = Cache()\ndef work(k):\n    cache.put(k, 1)\n    print(f"INFO The cache keeps {len(cache.kept):,} orders")\n    print("took", 3, "ms")\n',
  'shop/mail.py': 'def send(letter):\n    print("sent", letter)\n',
  'venv/lib/x.py': 'kept = "The cache keeps"\n',
  'notes.txt': 'The cache keeps kept',
};

const LOG = Array.from({ length: 30 }, (_, at) => [
  `2026-11-22 10:00:${String(at).padStart(2, '0')} INFO The cache keeps ${(at + 1) * 100} orders`,
  `2026-11-22 10:00:${String(at).padStart(2, '0')} INFO took 3 ms`,
]).flat();

async function gathered(withSource: boolean) {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const log = join(folder, 'app.log');
  writeFileSync(log, `${LOG.join('\n')}\n`);
  const sourceDir = withSource ? folder : undefined;
  return await gatherLogs({ files: [log], sourceDir, interrupted: new AbortController().signal, note: () => {} });
}

test('with --source, the files that print growing numbers are kept, and those that speak of what is named there', async () => {
  const { outcomes } = await gathered(true);
  const [digests, source] = [outcomes['log-digest'], outcomes['log-source']];
  if (!digests?.ok || !source?.ok) throw new Error('nothing was read');
  expect(growingTemplates(digests.value)).toHaveLength(1);
  expect(source.value.files.map(({ path }) => path)).toEqual(['shop/main.py', 'shop/cache.py']);
  const { digest } = digests.value.programs[0]!;
  const series = digest.series.find(({ template }) => template.includes('cache'))!;
  const { example } = digest.templates.find(({ template }) => template === series.template)!;
  const found = sourceOfNumber(source.value, { series, example });
  expect(found?.holders).toMatchObject([
    { name: 'shop.cache.Cache.kept', places: [{ role: 'feeds', line: 5 }, { role: 'creates' }] },
  ]);
});

test('without a folder no source is asked for', async () => {
  const { outcomes } = await gathered(false);
  expect(outcomes['log-source']).toBeUndefined();
});

test('calls whose lines are one template are told apart by what each of them says', async () => {
  const folder = temporaryFolder();
  const names = ['users', 'orders', 'mails'];
  const code = names.map(
    (name) =>
      `${name} = {}\ndef put_${name}(k):\n    ${name}[k] = 1\n    print(f"cache of {len(${name})} ${name} now")\n`,
  );
  writeFileSync(join(folder, 'app.py'), code.join(''));
  const lines = Array.from({ length: 40 }, (_, at) => names.map((name) => `cache of ${at * 7} ${name} now`)).flat();
  const log = join(folder, 'app.log');
  writeFileSync(log, `${lines.join('\n')}\n`);
  const { outcomes } = await gatherLogs({
    files: [log],
    sourceDir: folder,
    interrupted: new AbortController().signal,
    note: () => {},
  });
  const [digests, source] = [outcomes['log-digest'], outcomes['log-source']];
  if (!digests?.ok || !source?.ok) throw new Error('nothing was read');
  const { series, templates } = digests.value.programs[0]!.digest;
  const found = series.map((each) => {
    const example = each.example ?? templates.find(({ template }) => template === each.template)!.example;
    return sourceOfNumber(source.value, { series: each, example })?.holders.map(({ name }) => name);
  });
  expect(found.flat().sort()).toEqual(['app.mails', 'app.orders', 'app.users']);
});
