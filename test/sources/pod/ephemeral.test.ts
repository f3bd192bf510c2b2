import { expect, test } from 'vitest';
import type { Inside } from '../../../src/core/pod-port.ts';
import { endingWith } from '../../../src/sources/pod/ephemeral.ts';
import { planned } from '../../../src/sources/pod/planned.ts';
import type { ReaderSession } from '../../../src/sources/pod/reader-session.ts';
import { farSide } from './memory-stream.ts';

const session = { program: 'python3' } as ReaderSession;
const inside = { close: async () => {} } as Inside;

function closing(waitingPid: number) {
  const ran: { command: readonly string[]; until: AbortSignal | undefined }[] = [];
  const exec = async (command: readonly string[], until?: AbortSignal) => {
    ran.push({ command, until });
    return farSide().stream;
  };
  return { ran, close: () => endingWith(inside, exec, { session, waitingPid }).close() };
}

test('what the added container waits with is ended in a time of its own, for after Ctrl-C the look has none', async () => {
  const { ran, close } = closing(77);
  await close();
  expect(ran).toHaveLength(1);
  expect(ran[0]!.command).toEqual(['python3', '-I', '-S', '-c', expect.stringContaining('os.kill'), '77']);
  expect(ran[0]!.until).toMatchObject({ aborted: false });
});

test('nothing is ended where the first process to be seen is that of the pod', async () => {
  const { ran, close } = closing(1);
  await close();
  expect(ran).toEqual([]);
});

test('the plan names all that would run: what the container waits with, the reader, and the end', () => {
  const reader = { args: ['-I', '-S', '-c', 'load()'], input: Buffer.from('x\n'.repeat(1024)) };
  const { changes, commands } = planned({ way: 'ephemeral', container: 'app' }, reader);
  expect(changes).toHaveLength(1);
  expect(commands[0]).toMatch(/^sleep 900, .* python3 -I -S -c 'import time; time.sleep\(900\)'$/);
  expect(commands[1]).toMatch(/^python3 -I -S -c 'load\(\)'; on its standard input <the reader, 2 KiB of Python>$/);
  expect(commands.at(-1)).toMatch(/os\.kill\(int\(sys\.argv\[1\]\), 15\)' PID, to end/);
  const byExec = planned({ way: 'exec', container: 'app' }, reader);
  expect(byExec.changes).toEqual([]);
  expect(byExec.commands).toEqual(commands.slice(1, -1));
});
