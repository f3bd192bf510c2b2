import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { processPort } from '../../../src/app.ts';
import { counted } from '../../counted.ts';
import { interpreters } from '../../python/programs.ts';
import { withPackages } from '../../python/venv.ts';
import { PYTHON } from '../../sources/process/programs.ts';
import { startWaiting } from './waiting-program.ts';

/** The newest CPython that it reads is 3.14; of others the program tells its own stacks (stacks.test.ts). */
const PY_SPY = 'py-spy==0.4.3';
const READ_BY_PY_SPY = interpreters().filter(({ version }) => /^3\.([89]|1[0-4])\./.test(version));
const host = withPackages({ path: PYTHON, version: '3.11.7' }, [PY_SPY]);

const dumpSchema = z.array(
  z.object({
    os_thread_id: z.number(),
    thread_name: z.string().nullable(),
    active: z.boolean(),
    owns_gil: z.boolean(),
    frames: z.array(z.object({ name: z.string(), filename: z.string(), line: z.number() })),
  }),
);

test.each(host === undefined ? [] : READ_BY_PY_SPY)(
  'threads are told as py-spy tells them, on CPython $version',
  async ({ path, version }) => {
    const { pid } = await startWaiting(path);
    const pySpy = join(dirname(host!.path), 'py-spy');
    const { stdout } = await promisify(execFile)(pySpy, ['dump', '--json', '--pid', String(pid)], {
      maxBuffer: 1 << 26,
    });
    const dumped = dumpSchema.parse(JSON.parse(stdout)).map((thread) => ({
      id: thread.os_thread_id,
      name: thread.thread_name,
      isRunning: thread.active,
      holdsGil: thread.owns_gil,
      frames: thread.frames.map(({ name, filename, line }) => [name, filename, line]),
    }));
    const session = await processPort().openHeap(pid, { maxPauseMs: 10_000 });
    const { threads } = await session.stacks().finally(() => session.close());
    const found = threads.listed.map(({ id, name, state, holdsGil, frames }) => ({
      id,
      name,
      isRunning: state === 'running',
      holdsGil,
      frames: frames.map((frame) => [frame.function, frame.file, frame.line]),
    }));
    const byId = (a: { id?: number | undefined }, b: { id?: number | undefined }) => (a.id ?? 0) - (b.id ?? 0);
    expect(found.length).toBeGreaterThan(10);
    expect(found.sort(byId)).toEqual(dumped.sort(byId));
    counted('interpreters', `${version} as py-spy`);
  },
  60_000,
);
