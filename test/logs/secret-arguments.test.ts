import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageWithoutLogin, withoutSecrets } from '../../src/logs/secret-arguments.ts';
import { commandLine } from '../../src/sources/process/command-line.ts';

test.each<[string[], string[]]>([
  [
    ['curl', '-s', '-u', 'me:a b', 'https://a.example/'],
    ['curl', '-s', '-u', 'me:[hidden]', 'https://a.example/'],
  ],
  [
    ['/usr/bin/mysql', '-uroot', '-phunter2', 'shop'],
    ['/usr/bin/mysql', '-uroot', '-p[hidden]', 'shop'],
  ],
  [
    ['sh', '-c', "mysqldump -p'a b' shop > x"],
    ['sh', '-c', "mysqldump -p'[hidden]' shop > x"],
  ],
  [
    ['docker', 'run', '-p', '80:80'],
    ['docker', 'run', '-p', '80:80'],
  ],
  [['--password=hunter2'], ['--password=[hidden]']],
  [
    ['--db-passwd', 'hunter2', 'run'],
    ['--db-passwd', '[hidden]', 'run'],
  ],
  [
    ['-token', '-x', 'y'],
    ['-token', '[hidden]', 'y'],
  ],
  [
    ['--use-token', '--verbose'],
    ['--use-token', '--verbose'],
  ],
  [['--apikey='], ['--apikey=']],
  [
    ['--api-key=a b', '--secret-key', 'c d'],
    ['--api-key=[hidden]', '--secret-key', '[hidden]'],
  ],
  [
    ['env', 'DB_PASSWORD=a b=c', 'python'],
    ['env', 'DB_PASSWORD=[hidden]', 'python'],
  ],
  [
    ['-e', '--env=AWS_SECRET_ACCESS_KEY=a/b c'],
    ['-e', '--env=AWS_SECRET_ACCESS_KEY=[hidden]'],
  ],
  [['postgres://app:p@ss/w@db:5432/shop?x=1'], ['postgres://[hidden]@db:5432/shop?x=1']],
  [
    ['--broker=redis://:pw@host/0', 'git+https://ghp_1@github.com/a/b.git@main'],
    ['--broker=redis://[hidden]@host/0', 'git+https://[hidden]@github.com/a/b.git@main'],
  ],
  [
    ['https://host:8080/x', 'https://host/a@1', 'me@host'],
    ['https://host:8080/x', 'https://host/a@1', 'me@host'],
  ],
  [
    ['sh', '-c', 'TOKEN=abc app.py --x 1'],
    ['sh', '-c', 'TOKEN=[hidden]'],
  ],
  [
    ['sh', '-c', `exec app.py --password 'a b'"c" --port 1`],
    ['sh', '-c', 'exec app.py --password [hidden] --port 1'],
  ],
  [
    ['sh', '-c', 'run TOKEN=abc --key=d\\ e x'],
    ['sh', '-c', 'run TOKEN=[hidden] --key=[hidden] x'],
  ],
  [
    ['curl', '-H', 'X-Api-Key:abc', '-H', 'Authorization: Bearer abc'],
    ['curl', '-H', 'X-Api-Key:[hidden]', '-H', 'Authorization: [hidden]'],
  ],
  [['run "Authorization: Bearer abc" x'], ['run "Authorization: [hidden]']],
  [['{"user": "me", "password": "a b"} x'], ['{"user": "me", "password": [hidden] x']],
  [
    ['uvicorn', 'auth:app', '--port', '80', '--author=Ann', '--passes', '3'],
    ['uvicorn', 'auth:app', '--port', '80', '--author=Ann', '--passes', '3'],
  ],
])('%j is shown as %j', (argv, shown) => {
  expect(withoutSecrets(argv)).toEqual(shown);
});

/** Letters that no name and no other part of the command has: any that is left over is a piece of the secret. */
const LETTERS = 'жшюя';
const letters = fc.constantFrom(...LETTERS);
const name = fc.constantFrom(
  'password',
  'DB_PASSWD',
  'x-token',
  'CLIENT_SECRET',
  'apikey',
  'api-key',
  'key',
  'keyfile',
);
const secret = fc
  .array(fc.oneof(letters, fc.constantFrom(' ', '@', ':', '/', '=', '"', "'", '\\', '-', '\n', '$')), { minLength: 1 })
  .map((characters) => `${LETTERS[0]}${characters.join('')}`);
const word = fc
  .array(fc.oneof(letters, fc.constantFrom('@', ':', '/', '=', '-', '$')), { minLength: 1 })
  .map((characters) => `${LETTERS[0]}${characters.join('')}`);
const quotedForShell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

test('of a secret under such a name no letter is left, wherever it stands', () => {
  const argument = fc.oneof(
    fc.tuple(name, secret).map(([flag, value]) => [`--${flag}=${value}`]),
    fc.tuple(name, secret).map(([flag, value]) => [`--${flag}`, value]),
    fc.tuple(name, secret).map(([variable, value]) => [`${variable}=${value}`]),
    fc.tuple(name, secret).map(([flag, value]) => ['sh', '-c', `exec x --${flag} ${quotedForShell(value)} y`]),
    fc.tuple(name, secret).map(([variable, value]) => ['sh', '-c', `env ${variable}=${quotedForShell(value)} y`]),
    fc.tuple(name, word).map(([flag, value]) => [`title of a process --${flag}=${value} more`]),
    word.map((value) => [`postgres://user:${value}@host/base`]),
  );
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), (parts) => {
      const shown = commandLine(`python\0app.py\0${parts.flat().join('\0')}\0`, 'python');
      expect(shown).not.toMatch(new RegExp(`[${LETTERS}]`));
      expect(shown).toMatch(/^python app\.py /);
    }),
    { numRuns: 300 },
  );
});

test('any text is taken, and long ones that mean harm take no long time', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (argv) => {
      expect(withoutSecrets(argv)).toHaveLength(argv.length);
    }),
  );
  for (const part of ['://', 'key ', "key='", 'password=\\', 'token:', 'a', '- ', 'key= ', 'key\n\n', '@://:'])
    expect(withoutSecrets([` ${part.repeat(30_000)}`])).toHaveLength(1);
});

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each([
  ['registry.example/app:1', 'registry.example/app:1'],
  [`registry.example/app:1@${DIGEST}`, `registry.example/app:1@${DIGEST}`],
  ['me:pw@registry.example/app:1', '[hidden]@registry.example/app:1'],
  [`https://me:p@w@registry.example/app@${DIGEST}`, `https://[hidden]@registry.example/app@${DIGEST}`],
])('the image %s is kept as %s', (image, kept) => expect(imageWithoutLogin(image)).toBe(kept));
