import { expect, test } from 'vitest';
import { digestLog } from '../../src/logs/digest.ts';
import { redact } from '../../src/logs/redact.ts';
import { readLog } from './read-lines.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
/** Each with what must not come through. */
const SECRETS: [line: string, secret: string][] = [
  ['password=hunter2 user=me', 'hunter2'],
  ['{"api_key": "a7b9", "n": 5}', 'a7b9'],
  ['{"event": "x", "user": {"password": "hunter2"}, "n": 5}', 'hunter2'],
  ['{"event": "set password=hunter2", "n": 5}', 'hunter2'],
  ['{"log":"password=hunter2\\n","stream":"stdout","time":"2026-11-22T19:09:51Z"}', 'hunter2'],
  ["{'event': 'x', 'password': 'hunter2'}", 'hunter2'],
  ['level=info msg=x password=hunter2 n=3', 'hunter2'],
  ['2026-11-22T19:09:51Z [info     ] x    password=hunter2 n=3', 'hunter2'],
  ['> Authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['Set-Cookie: id=a3f9b; Path=/; Secure', 'a3f9b'],
  ['password: hunter2', 'hunter2'],
  ['password - hunter2', 'hunter2'],
  [`retry with Bearer ${JWT}`, JWT],
  ['127.0.0.1 - - [22/Nov/2026:19:09:51 +0000] "GET /a?token=zz9x&n=3 HTTP/1.1" 200 12 "-" "x"', 'zz9x'],
  ['127.0.0.1 - - [22/Nov/2026:19:09:51 +0000] "GET / HTTP/1.1" 200 12 "https://u:hunter2@a/" "x"', 'hunter2'],
  ['postgres://app:hunter2@db:5432/shop?x=1', 'hunter2'],
  ['amqp://hunter2@host/', 'hunter2'],
  ['Server=db;Password=hunter2;Database=shop', 'hunter2'],
  ['run --password hunter2 --verbose', 'hunter2'],
  ["Config(user='x', dbPass='hunter2', n=3)", 'hunter2'],
  ['mail to john.doe+x@mail.example.com failed', 'john.doe'],
  ['paid with 4111 1111 1111 1111', '1111 1111 1111'],
  ["logged in with password 'hunter2' as root", 'hunter2'],
  ['mysql -h db -uroot -phunter2 shop', 'hunter2'],
];
const HEADS = [
  '',
  'ERROR:app:',
  'ERROR:',
  'WARNING - ',
  '2026-11-22 19:09:51,120 - app - ERROR - ',
  '2026-11-22 19:09:51.120 | ERROR    | app:run:12 - ',
  '[2026-11-22 19:09:51 +0000] [1] [ERROR] ',
  '[2026-11-22 19:09:51,120: ERROR/MainProcess] ',
  'Nov 22 19:09:51 host app[123]: ',
  'E1122 19:09:51.120123   12345 file.py:12] ',
  '2026-11-22T19:09:51.120Z stderr F ',
  '[pod/a-1/app] ',
  'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: ',
];

test.each(SECRETS)('%j is kept without its secret, whatever stands before it', (line, secret) => {
  for (const head of HEADS) {
    const said = `${head}${line}\n`;
    if (redact(said).text.includes(secret)) continue;
    const { lines } = readLog([1, 2, 3].map((n) => said.replace(/\n$/, ` x${n}\n`)).join(''));
    expect(JSON.stringify(digestLog(lines)), said).not.toContain(secret);
  }
});

test('what stands before a secret leaves it to be known as one', () => {
  const known = SECRETS.flatMap(([line, secret]) => HEADS.filter((head) => !redact(head + line).text.includes(secret)));
  expect(known.length).toBeGreaterThan(0.95 * SECRETS.length * HEADS.length);
});
