import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findLogCalls } from '../../../src/source-code/index.ts';
import { isPlace, type Message } from '../../../src/source-code/logged/message-part.ts';

const known = '/root/.pyenv/versions/3.11.7/bin/python';
const python = existsSync(known) ? known : 'python3';

/** What CPython's own parser finds: calls of logging's methods and of print whose first argument is a text that is written out. */
const SCRIPT = `
import ast, json, os, sys
METHODS = {'debug', 'info', 'warning', 'error', 'critical', 'exception'}
found = []
for root in sys.argv[1:]:
    for folder, _, names in os.walk(root):
        if '/test' in folder or 'lib2to3/tests' in folder or 'site-packages' in folder[len(root):]: continue
        for name in names:
            if not name.endswith('.py'): continue
            path = os.path.join(folder, name)
            try: tree = ast.parse(open(path, encoding='utf-8').read())
            except (SyntaxError, ValueError): continue
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call) or not node.args: continue
                first, callee = node.args[0], node.func
                if isinstance(callee, ast.Attribute) and callee.attr in METHODS: pass
                elif isinstance(callee, ast.Name) and callee.id == 'print': pass
                else: continue
                if isinstance(first, ast.Constant) and isinstance(first.value, str): texts = [first.value]
                elif isinstance(first, ast.JoinedStr): texts = [v.value for v in first.values if isinstance(v, ast.Constant)]
                else: continue
                is_print = isinstance(callee, ast.Name)
                found.append([path, node.lineno, is_print, isinstance(first, ast.JoinedStr), len(node.args) - 1, texts])
json.dump(found, sys.stdout)
`;

type Row = [path: string, line: number, isPrint: boolean, isFormat: boolean, others: number, texts: string[]];

const textsOf = (message: Message): string => message.map((part) => (isPlace(part) ? '\0' : part.text)).join('');
const letters = (text: string): string => text.replace(/[^\p{L}]+/gu, ' ').trim();

/** What stands between conversions: with arguments they are places. */
const fixedTexts = ([, , isPrint, isFormat, others, texts]: Row): string[] =>
  isPrint || isFormat || others === 0
    ? texts
    : texts.flatMap((text) => text.split(/%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z%]|\{[^}]*\}/));

test('each text that CPython finds in the calls of its library is found, word for word', { timeout: 300_000 }, () => {
  const library = execFileSync(python, ['-c', 'import os; print(os.path.dirname(os.__file__))'], {
    encoding: 'utf8',
  }).trim();
  const rows = JSON.parse(
    execFileSync(python, ['-W', 'ignore', '-c', SCRIPT, library], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
  ) as Row[];
  const wanted = rows.filter((row) => fixedTexts(row).some((text) => letters(text) !== ''));
  const paths = [...new Set(wanted.map(([path]) => path))];
  const files = paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const calls = files.flatMap((file) => findLogCalls([file]).calls);
  const said = new Map<string, string>();
  for (const { file, line, message } of calls)
    said.set(`${file}:${line}`, `${said.get(`${file}:${line}`) ?? ''}\0${textsOf(message)}`);
  const missed = wanted.filter((row) => {
    const own = said.get(`${row[0]}:${row[1]}`);
    return own === undefined || fixedTexts(row).some((text) => !letters(own).includes(letters(text)));
  });
  expect(missed.slice(0, 10)).toEqual([]);
  expect(wanted.length).toBeGreaterThan(300);
});
