import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../src/logs/redact.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

test.each([
  ['password=hunter2 user=me', 'password=[hidden: password] user=me'],
  ['{"api_key": "a b", "n": 5}', '{"api_key": "[hidden: key]", "n": 5}'],
  ['{"n": {"password":null,"count":5}}', '{"n": {"password":null,"count":5}}'],
  ['{\\"password\\": \\"x y\\", \\"n\\": 3}', '{\\"password\\": \\"[hidden: password]\\", \\"n\\": 3}'],
  ["{'Authorization': 'Bearer a.b', 'Accept': '*'}", "{'Authorization': '[hidden: authorization]', 'Accept': '*'}"],
  ['> Authorization: Basic dXNlcjpwYXNz', '> Authorization: [hidden: authorization]'],
  ['Set-Cookie: id=a3f; Path=/; Secure', 'Set-Cookie: [hidden: cookie]'],
  [`retry with Bearer ${JWT}`, 'retry with Bearer [hidden: token]'],
  [`got ${JWT}, 200`, 'got [hidden: token], 200'],
  ['GET /a?token=zz-9&n=3 200', 'GET /a?token=[hidden: token]&n=3 200'],
  ['postgres://app:p@ss/w@db:5432/shop?x=1', 'postgres://[hidden: login]@db:5432/shop?x=1'],
  ['amqp://me@host/ https://host/a@1', 'amqp://[hidden: login]@host/ https://host/a@1'],
  ['Server=db;Password=a;Database=shop', 'Server=db;Password=[hidden: password];Database=shop'],
  ['run --password hunter2 --verbose', 'run --password [hidden: password] --verbose'],
  ["Config(user='x', dbPass='a b', n=3)", "Config(user='x', dbPass='[hidden: password]', n=3)"],
  ['AWS_SECRET_ACCESS_KEY=a/b+c AKIAIOSFODNN7EXAMPLE', 'AWS_SECRET_ACCESS_KEY=[hidden: key] [hidden: token]'],
  [`ghp_${'a1'.repeat(18)} xoxb-123456789012-abc`, '[hidden: token] [hidden: token]'],
  [`AIza${'b'.repeat(35)} glpat-${'c'.repeat(20)}`, '[hidden: token] [hidden: token]'],
  ['mail to john.doe+x@mail.example.com failed', 'mail to [hidden: e-mail] failed'],
  ['paid with 4111 1111 1111 1111, was 5555555555554444', 'paid with [hidden: card], was [hidden: card]'],
  ['secrets: none; client_secret: [a, b]', 'secrets: none; client_secret: [hidden: secret]'],
  [
    'PUT https://a.blob.core.windows.net/c/b?sv=2022-11-02&se=2026-01-01T00:00:00Z&sig=a%2Bcdefghijklmnopqr%3D&x=1 201',
    'PUT https://a.blob.core.windows.net/c/b?sv=2022-11-02&se=2026-01-01T00:00:00Z&sig=[hidden: signature]&x=1 201',
  ],
  [
    'GET /k?X-Amz-Date=2&X-Amz-Signature=0123456789abcdef0123456789abcdef 200',
    'GET /k?X-Amz-Date=2&X-Amz-Signature=[hidden: signature] 200',
  ],
  ['next=%2Fa%3Fsig%3Dabcdefghijklmnopq%26n%3D1', 'next=%2Fa%3Fsig%3D[hidden: signature]%26n%3D1'],
  ["logged in with password 'hunter2' as root", "logged in with password '[hidden: password]' as root"],
  [
    'the password was hunter2, now password is swordfish.',
    'the password was [hidden: password], now password is [hidden: password].',
  ],
  ['passphrase is horse battery staple', 'passphrase is [hidden: password]'],
  ["CREATE USER a IDENTIFIED BY 'pw'", "CREATE USER a IDENTIFIED BY '[hidden: password]'"],
  ["+ curl -sSu 'user:p w' https://a.example/", "+ curl -sSu 'user:[hidden: password]' https://a.example/"],
  ["run ['curl', '--user', 'user:pw', '-v']", "run ['curl', '--user', 'user:[hidden: password]', '-v']"],
  [
    "mysql -h db -uroot -phunter2 shop; mysqldump -p'a b' x",
    "mysql -h db -uroot -p[hidden: password] shop; mysqldump -p'[hidden: password]' x",
  ],
  [
    'sshpass -p hunter2 ssh a; redis-cli -a hunter2 ping',
    'sshpass -p [hidden: password] ssh a; redis-cli -a [hidden: password] ping',
  ],
])('%j is kept as %j', (line, kept) => {
  expect(redact(line).text).toBe(kept);
});

test.each([
  'prompt_tokens=512 total tokens: 1024 max_token=100 token: 12',
  'Cache hit key=user:574 keys: 1200 sort_key=created_at cache_key=thumb:12:640x480:v2',
  'SyntaxError: Unexpected token: unexpected end; invalid token: expired',
  "KeyError: 'user_1' KeyboardInterrupt tokenizer=BertTokenizer author=Ann passes: 3 bypass=true",
  'Basic authentication enabled; authenticated: true; auth: ok; pass 3 of 5, passed=12',
  'File "/app/secret.py", line 12, in get_token',
  'pip install numpy@1.2.3 repo/image@sha256:0123 @app.route("/x") celery@orca-645f4b4d65-hhxmt',
  'id 4111111111111112, 12345678901234567890, ratio 0.4111111111111111, trace 4bf92f3577b34da6a3ce929d0e0e4736',
  'password is incorrect; Password is required. The password is too short, passphrase is missing',
  "TypeError: login() got an unexpected keyword argument 'password'; field 'password' is required",
  'docker run -u 1000:1000 -p 8080:80 app; curl -u $USER:$PASSWORD https://a.example/; mysql -P3306 -p shop',
  'unexpected token "x" and sig=11 handler, signature=(a, b) -> int, caught sig=SIGTERM, ?sig=1',
  '2026-11-22T19:09:51.120123456Z Processed image 12: 1,310,720 bytes, cache size: 120 thumbnails',
])('%j is kept as it is', (line) => {
  expect(redact(line)).toEqual({ text: line, count: 0 });
});

const KEY = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEowIBAAKCAQEAabcdefgh+/',
  'MIIEowIBAAKCAQEA==',
  '-----END RSA PRIVATE KEY-----',
];

test('of a private key every line is hidden, and the times before them are not', () => {
  const log = KEY.map((line) => `2026-11-22T19:09:51.120Z ${line}`).join('\n');
  expect(redact(`${log}\nnext`)).toEqual({
    text: `${'2026-11-22T19:09:51.120Z [hidden: private key]\n'.repeat(4)}next`,
    count: 1,
  });
  expect(redact(`a "${KEY.join('\\n')}" b`)).toEqual({ text: 'a "[hidden: private key]" b', count: 1 });
});

test('of a private key that was cut at either end no line is left', () => {
  expect(redact(`${KEY.slice(0, 2).join('\n')}\nready`).text).not.toMatch(/MII|BEGIN/);
  const tail = redact(['ready', ...KEY.slice(1)].join('\n'));
  expect(tail.text).toMatch(/^ready\n/);
  expect(tail.text).not.toMatch(/MIIEowIBAAKCAQEAabc|END/);
});

const LETTERS = 'жшюя';
const secretText = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 40 });
const plainText = fc.string({ unit: fc.constantFrom(...'abc 12\n.,:') });

test('no letter is left of a secret behind its name, whatever is around it', () => {
  const field = fc.oneof(
    secretText.map((value) => `password=${value}`),
    secretText.map((value) => `"client_secret": "${value}"`),
    secretText.map((value) => `'api-key': '${value}'`),
    secretText.map((value) => `x-auth-token: ${value}`),
    secretText.map((value) => `{\\"passwd\\":\\"${value}\\"}`),
    secretText.map((value) => `Authorization: Bearer ${value}`),
    secretText.map((value) => `Cookie: sid=${value}; lang=${value}`),
    secretText.map((value) => `redis://user:${value}@cache:6379/0`),
    secretText.map((value) => `--db-password ${value}`),
    secretText.map((value) => `with password '${value}'`),
    secretText.map((value) => `the passphrase is ${value}`),
    secretText.map((value) => `curl --user "me:${value}"`),
    secretText.map((value) => `mysql -uroot -p${value}`),
    secretText.map((value) => `sshpass -p ${value}`),
  );
  fc.assert(
    fc.property(plainText, field, plainText, (before, secret, after) => {
      const { text, count } = redact(`${before} ${secret} ${after}`);
      expect(text).not.toMatch(new RegExp(`[${LETTERS}]`));
      expect(count).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test('ordinary numbers, times, sizes and identifiers are never taken for secrets', () => {
  const ordinary = fc.oneof(
    fc.nat(999_999_999_999).map(String),
    fc.double({ min: 0, max: 1e12, noNaN: true }).map(String),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
    fc.nat({ max: 4e9 }).map((seconds) => `${seconds}.${seconds % 1000}`),
    // Milliseconds, microseconds and nanoseconds since 1970, of this century.
    fc
      .integer({ min: 1_000_000_000, max: 1_999_999_999 })
      .chain((s) => fc.constantFrom(`${s}000`, `${s}123456`, `${s}123456789`)),
    fc.uuid(),
    fc.ipV4(),
    fc.nat(1e9).map((size) => `${size} MiB`),
    fc.nat({ max: 2 ** 40 }).map((address) => `0x${address.toString(16)}`),
  );
  const name = fc.constantFrom('size', 'count', 'total', 'id', 'at', 'took', 'tokens', 'keys', 'max_tokens', 'user_id');
  const field = fc.tuple(name, fc.constantFrom('=', ': ', ' '), ordinary).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      const line = fields.join(', ');
      expect(redact(line)).toEqual({ text: line, count: 0 });
    }),
    { numRuns: 1000 },
  );
});

const PIECES = [
  ...['password', 'token', 'key', 'Cookie', 'Authorization', 'Bearer ', '--', 'eyJabcdefghi', '.abcd', '@', 'a.co'],
  ...[
    '"',
    "'",
    '=',
    ': ',
    ':',
    ' ',
    '\\',
    '\\"',
    '\n',
    '://',
    '/',
    '?',
    '&',
    ',',
    ';',
    '{',
    '}',
    '[',
    ']',
    '-',
    '_',
    '.',
  ],
  ...['4111111111111111', '4111 1111 1111 1111', 'AKIAIOSFODNN7EXAMPLE', 'abc123def456', '[hidden: token]', '[hidden'],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'MIIEowIBAAKCAQEAabcdefgh',
    '2026-11-22T19:09:51.120Z ',
  ],
  ...['5', 'x', 'None', '\0', '\ud800', 'é'],
];

test('any text keeps its lines, grows no more than the marks need, and is not changed a second time', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      const once = redact(text);
      expect(once.text.split('\n')).toHaveLength(text.split('\n').length);
      expect(once.text.length).toBeLessThanOrEqual(text.length * 6 + 20);
      expect(redact(once.text)).toEqual({ text: once.text, count: 0 });
    }),
    { numRuns: 5000 },
  );
});

test('a long text is redacted as its parts are, wherever a private key lies in it', () => {
  const line = 'Processed image 12: 1,310,720 bytes\n';
  const quiet = line.repeat(Math.ceil(2 ** 18 / line.length));
  const key = `${KEY[0]}\n${`${KEY[1]}\n`.repeat(400)}${KEY[3]}\n`;
  fc.assert(
    fc.property(fc.nat(key.length + 200), (before) => {
      const lead = line.repeat(Math.ceil((quiet.length - before) / line.length));
      const { text, count } = redact(`${lead}${key}password=hunter2\n${quiet}${key}`);
      expect(count).toBe(3);
      expect(text).not.toMatch(/MII|hunter2|RSA/);
      expect(text.split('\n')).toHaveLength(`${lead}${key}password=\n${quiet}${key}`.split('\n').length);
    }),
    { numRuns: 30 },
  );
});

test('long texts that mean harm take no long time', () => {
  // With time that grows with the square of the length, each of these would take minutes.
  for (const piece of [
    ...PIECES,
    'a@',
    '@a.',
    'sk-',
    'SG.',
    'ghp_',
    'eyJa.',
    'key= ',
    'password=[',
    'password=\\"',
    'token=a,',
    '\t',
    'password is ',
    'passphrase is a ',
    "password 'a",
    'curl -u ',
    'curl ',
    '-ua:',
    'mysql -p',
    '&sig=aaaaaaaaaaaaaaaaa',
    'sig%3D',
  ])
    expect(redact(piece.repeat(400_000 / piece.length)).text.length).toBeGreaterThan(0);
});
