import { createHash } from 'node:crypto';
import type { Source } from '../../core/artifacts.ts';
import { problemOf } from '../../core/problem.ts';
import { defineProcessStep, type ProcessContext } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';
import { chosenPython } from './processes.ts';
import { isWanted, type SpokenOf, spokenOf, type WantedFile, wantedFiles } from './source-wanted.ts';

const MOST_FILES = 200;
const MOST_BYTES = 8 * 2 ** 20;
const MOST_AHEAD_BYTES = 32 * 2 ** 20;
/** Files that are read and found to speak of no holder count against this, not against the kept ones. */
const MOST_READ = 2000;

/** The Python files in which the holders are at home, and those of the application that speak of them. */
export const source = defineProcessStep({
  makes: 'source',
  title: 'Reading the source',
  needs: ['processes', 'heap'],
  uses: ['heap-growth'],
  rung: 'local',
  async prepare(context, { processes, heap }) {
    return await readAhead(wantedFiles(heap, undefined), (file) => read(context, chosenPython(processes).pid, file));
  },
  async run(context, { processes, heap, 'heap-growth': growth }, ahead) {
    const { pid } = chosenPython(processes);
    const readWanted = async (file: WantedFile) => ahead.get(file.path) ?? (await read(context, pid, file));
    return await collect(wantedFiles(heap, growth), spokenOf(heap, growth), readWanted);
  },
  summary: ({ files, missing }) =>
    `${files.length} ${files.length === 1 ? 'file' : 'files'}${missing.length > 0 ? `, ${missing.length} not readable` : ''}`,
});

/** A process that is killed while it is watched takes its file system along: so read first, and choose afterwards. */
async function readAhead(wanted: readonly WantedFile[], readWanted: (file: WantedFile) => Promise<Uint8Array>) {
  const ahead = new Map<string, Uint8Array>();
  let readBytes = 0;
  for await (const { file, read } of inTurn(wanted.slice(0, MOST_READ), readWanted)) {
    if (readBytes > MOST_AHEAD_BYTES) break;
    const data = await read.catch(() => undefined);
    if (!data) continue;
    readBytes += data.length;
    ahead.set(file.path, data);
  }
  return ahead;
}

/** In a pod each file costs a round trip: so some are on their way at any time. */
const AT_ONCE = 16;

/** Reads the files, and gives them in their order. */
async function* inTurn(files: readonly WantedFile[], readWanted: (file: WantedFile) => Promise<Uint8Array>) {
  const under: { file: WantedFile; read: Promise<Uint8Array> }[] = [];
  for (const file of files) {
    const read = readWanted(file);
    // Whoever takes it hears of its failure; that nobody may take it is no failure.
    read.catch(() => undefined);
    under.push({ file, read });
    if (under.length >= AT_ONCE) yield under.shift()!;
  }
  yield* under;
}

async function collect(
  wanted: readonly WantedFile[],
  spoken: SpokenOf,
  readWanted: (file: WantedFile) => Promise<Uint8Array>,
): Promise<Source> {
  const files: Source['files'] = [];
  const missing: Source['missing'] = [];
  let keptBytes = 0;
  for await (const { file, read } of inTurn(wanted.slice(0, MOST_READ), readWanted)) {
    if (files.length >= MOST_FILES) break;
    try {
      const data = await read;
      const kept = keep(file, data, spoken);
      if (!kept) continue;
      if (keptBytes + data.length > MOST_BYTES) throw new Error(`more than ${bytesText(MOST_BYTES)} of source`);
      keptBytes += data.length;
      files.push(kept);
    } catch (thrown) {
      missing.push({ path: file.path, why: problemOf(thrown).message });
    }
  }
  return { files, missing };
}

function keep(file: WantedFile, data: Uint8Array, spoken: SpokenOf): Source['files'][number] | undefined {
  if (data.length > MOST_BYTES) throw new Error(`larger than ${bytesText(MOST_BYTES)}`);
  const text = Buffer.from(data).toString('utf8');
  if (!isWanted(file, text, spoken)) return undefined;
  const sha256 = createHash('sha256').update(data).digest('hex');
  const { path, module } = file;
  return module === undefined ? { path, sha256, text } : { path, module, sha256, text };
}

/** As the target sees it, for that is what runs; where that cannot be, from `--source`. */
async function read(context: ProcessContext, pid: number, { path, module }: WantedFile): Promise<Uint8Array> {
  try {
    return await context.processes.readFile(pid, path);
  } catch (thrown) {
    const found = await context.sourceFolder?.find(path, module);
    if (found === undefined) throw thrown;
    return found;
  }
}
