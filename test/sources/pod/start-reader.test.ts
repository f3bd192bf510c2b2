import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../src/core/problem.ts';
import type { Exec } from '../../../src/sources/pod/exec.ts';
import { createPodPort } from '../../../src/sources/pod/index.ts';
import { INTERPRETERS, isPythonPath } from '../../../src/sources/pod/interpreters.ts';
import { greetReader } from '../../../src/sources/pod/reader-session.ts';
import { startReader } from '../../../src/sources/pod/start-reader.ts';
import { INTERPRETERS as HERE, PYTHON, problemOfCall } from '../process/programs.ts';
import { childStream } from './child-stream.ts';

const MIB = 2 ** 20;
const HELLO = { version: 1, python: '3.11.7', pid: 7, uid: 0, pageBytes: 4096, left: false, canStop: true };
/** A reader that says hello, and then nothing. */
const saying = (hello: object) => `
import json, struct, sys
hello = json.dumps(${JSON.stringify(hello).replaceAll('true', 'True').replaceAll('false', 'False')}).encode()
sys.stdout.buffer.write(b'H' + struct.pack('<I', len(hello)) + hello)
sys.stdout.flush()
sys.stdin.read()
`;

/** A container with these programs, each a command of this machine; what was tried is noted. */
function container(programs: Readonly<Record<string, readonly string[]>>, tried: string[] = []): Exec {
  return async ([program, ...args]) => {
    tried.push([program, ...args].slice(0, 2).join(' '));
    return childStream([...(programs[program!] ?? [`/nowhere/${program}`]), ...args]);
  };
}

const readerSaying = (hello: object) => ({ args: ['-I', '-S', '-c', saying(hello)], input: new Uint8Array() });
const start = (exec: Exec, hello: object = HELLO) => startReader(exec, readerSaying(hello));

describe('the Python of a container', () => {
  test('is python3 where there is one, and nothing else is tried', async () => {
    const tried: string[] = [];
    const session = await start(container({ python3: [PYTHON] }, tried));
    expect(session).toMatchObject({ program: 'python3', hello: { python: '3.11.7' } });
    expect(tried).toEqual(['python3 -I']);
    await session.close();
  });

  test('is looked for where images keep it, each by its own name', async () => {
    const tried: string[] = [];
    const session = await start(container({ '/opt/conda/bin/python3': [PYTHON] }, tried));
    expect(session.program).toBe('/opt/conda/bin/python3');
    expect(tried).toEqual(INTERPRETERS.slice(0, -1).map((name) => `${name} -I`));
    await session.close();
  });

  test('is the one that a process runs, where that is a Python by its name', async () => {
    const asked = 'import sys; print("/bin/tini\\n/srv/env/bin/python3.11")';
    const programs = { readlink: [PYTHON, '-c', asked], '/srv/env/bin/python3.11': [PYTHON] };
    const session = await start(container(programs));
    expect(session.program).toBe('/srv/env/bin/python3.11');
    await session.close();
  });

  test('is not the first process where that is another program: it would be started a second time', async () => {
    const tried: string[] = [];
    const exec = container({ readlink: [PYTHON, '-c', 'print("/usr/sbin/uwsgi")'] }, tried);
    expect(await problemOfCall(() => start(exec))).toMatchObject({
      code: 'absent',
      message: 'No Python was found in the container, so its processes could not be looked at from inside.',
    });
    expect(tried.every((line) => /python3? -I$|^readlink /.test(line))).toBe(true);
  });

  const old = HERE.find(({ version }) => version.startsWith('2.'));
  test.skipIf(old === undefined)('may be too old: that is said, with its words', async () => {
    const { code, message } = await problemOfCall(() => start(container({ python: [old!.path] })));
    expect(code).toBe('absent');
    expect(message).toMatch(/^No Python of the container could run the reader \(python: Unknown option: -I\)\.$/);
  });

  test.each([
    ['/usr/bin/python3.11', true],
    ['/usr/bin/python', true],
    ['/usr/bin/python3.9 (deleted)', true],
    ['/usr/bin/python2.7', false],
    ['/usr/bin/python3-config', false],
    ['/usr/sbin/uwsgi', false],
    ['python3', false],
  ])('%s is known by its name: %s', (path, is) => {
    expect(isPythonPath(path)).toBe(is);
  });
});

describe('a program that is no reader', () => {
  test('of another version is told so', async () => {
    const problem = await problemOfCall(() => start(container({ python3: [PYTHON] }), { ...HELLO, version: 2 }));
    expect(problem).toMatchObject({ code: 'unsupported', message: expect.stringContaining('version 2') });
  });

  test.each([
    ['talks of something else', ['sh', '-c', 'echo Welcome; cat']],
    ['says hello with nonsense', ['sh', '-c', "printf 'H\\003\\000\\000\\000{}}'; cat"]],
    ['sends without end', ['sh', '-c', "printf 'H\\377\\377\\377\\377'; cat /dev/zero"]],
  ])('and %s is broken, and is ended', async (_, command) => {
    const streams: ReturnType<typeof childStream>[] = [];
    const exec: Exec = async () => {
      streams.push(childStream(command));
      return streams[0]!;
    };
    expect(await problemOfCall(() => start(exec))).toMatchObject({ code: 'broken' });
    await streams[0]!.ended;
  });

  test('and says nothing is given up', async () => {
    const silent = childStream(['sh', '-c', 'cat > /dev/null']);
    const problem = await problemOfCall(() => greetReader(silent, () => expect.fail('it has not ended'), 50));
    expect(problem.code).toBe('timeout');
    await silent.ended;
  });
});

describe('the way into a container', () => {
  const notAsked = () => expect.fail('not asked');
  const portOf = (exec: Exec, hello: object = HELLO) =>
    createPodPort({
      kube: { exec: ({ command }) => exec(command), pod: notAsked, addEphemeralContainer: notAsked },
      workerUrl: new URL('file:///nowhere'),
      reader: readerSaying(hello),
    });
  const asked = (headroomBytes?: number) => ({
    pod: 'orca-1',
    container: 'orca',
    way: 'exec' as const,
    headroomBytes,
    until: new AbortController().signal,
    note: () => {},
  });

  test('is not taken with too little room below the limit: nothing is started, and the numbers are told', async () => {
    const port = portOf(async () => expect.fail('something was started'));
    expect(await problemOfCall(() => port.enter(asked(15.9 * MIB)))).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /"orca" has 15\.9 MiB left below its limit; to look into it takes 16 MiB\. Nothing was started/,
      ),
    });
  });

  test('is left at once by a reader that sees less room than the API knew', async () => {
    const headroom = { bytes: 3 * MIB, limitBytes: 128 * MIB, usageBytes: 126 * MIB, fileBytes: MIB };
    const port = portOf(container({ python3: [PYTHON] }), { ...HELLO, left: true, headroom });
    expect(await problemOfCall(() => port.enter(asked(20 * MIB)))).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/3 MiB left below its limit of 128 MiB/),
    });
  });

  test('is refused in the words of whoever refused it', async () => {
    const denied = new ProblemError('denied', 'pods "orca-1" is forbidden: cannot create resource "pods/exec"', 'Ask.');
    const port = portOf(async () => Promise.reject(denied));
    expect(await problemOfCall(() => port.enter(asked()))).toEqual(denied.problem);
  });
});
