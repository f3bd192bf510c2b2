import { expect, test } from 'vitest';
import type { Processes } from '../../src/core/artifacts.ts';
import { targetOf } from '../../src/steps/process/target.ts';
import { processes } from '../core/example.ts';

const titleOf = (command: string): string => {
  const tree: Processes['tree'] = [{ ...processes.tree[0]!, pid: 7, command }];
  return targetOf(7, { ok: true, value: { ...processes, chosenPid: 7, tree }, ms: 0 }).name;
};

test.each([
  ['/usr/bin/python3 -W ignore app.py x', 'python3 app.py (pid 7)'],
  ['python -Wignore -uX dev /a/b.py', 'python b.py (pid 7)'],
  ['python -m http.server 80', 'python -m http.server (pid 7)'],
  ['python -um pkg.mod', 'python -m pkg.mod (pid 7)'],
  ['python -mfoo.bar', 'python -m foo.bar (pid 7)'],
  ["python -u -c 'import time'", 'python -c (pid 7)'],
  ["python3 'sp ace/my app.py' -x", 'python3 my app.py (pid 7)'],
  ["python 'it'\\''s.py'", "python it's.py (pid 7)"],
  ['python3.15 --check-hash-based-pycs always a.py', 'python3.15 a.py (pid 7)'],
  ["sh -c 'python app.py'", 'sh -c (pid 7)'],
  ['tini -- python app.py', 'tini python (pid 7)'],
  ['gunicorn: worker [app]', 'gunicorn: worker (pid 7)'],
  ['python', 'python (pid 7)'],
  ["python 'unclosed…", "python 'unclosed… (pid 7)"],
  ['', '(pid 7)'],
])('a process that runs %s is called %s', (command, title) => expect(titleOf(command)).toBe(title));
