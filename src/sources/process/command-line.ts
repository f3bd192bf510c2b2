import { withoutSecrets } from '../../logs/secret-arguments.ts';

/** Longer command lines are cut: enough for an interpreter, its options and a script with a path. */
const MOST_CHARACTERS = 1000;

/**
 * The command line of a process as a person may read it, from /proc/PID/cmdline; the process can write there what it
 * likes. Secrets are left out (see `withoutSecrets`). Arguments with spaces are quoted, characters that would move a cursor or hide text are written as escapes.
 * Empty for a kernel thread or a process that has overwritten it: then its short name in brackets, as ps does.
 */
export function commandLine(cmdline: string, comm: string): string {
  const parts = withoutSecrets(cmdline.replace(/\0+$/, '').split('\0'));
  // A process that writes its title there leaves one long "argument", padded: nginx, gunicorn, postgres.
  const shown = parts.length === 1 ? parts[0]!.trimEnd() : parts.map(quoted).join(' ');
  const line = visible((shown || `[${comm}]`).slice(0, MOST_CHARACTERS + 1));
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

const quoted = (argument: string) =>
  /^[^\s'"\\$`|&;<>()*?#~]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

/** Control, format (bidirectional, zero width), line and paragraph separator characters and lone surrogates, as escapes. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escaped);

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`);
}
