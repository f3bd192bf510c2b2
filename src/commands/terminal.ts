import type { Screen } from '../core/format.ts';

/** What a command may touch of the terminal and the process it runs in; cli.ts makes the real one. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { readonly isTTY: boolean; readonly columns: number | undefined };
  /** Data, on stdout. Resolves once it is out, or the reader has gone. */
  write(text: string): Promise<void>;
  /** One line on stderr, whoever reads it. */
  say(line: string): void;
  /** One line on stderr on what is happening, where a person watches. */
  progress(line: string): void;
  /** Asks a person yes or no, on stderr; undefined where nobody is there to be asked. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Aborted at the first Ctrl-C: say what is known so far. */
  readonly interrupted: AbortSignal;
  /** Called, without waiting for anything, when whyoom has to go at once. The answer takes it back. */
  beforeExit(clean: () => void): () => void;
}

const PLAIN_WIDTH = 80;

/** What the report is drawn for. `--no-color` beats NO_COLOR, which beats FORCE_COLOR, which beats what stdout is. */
export function screenOf({ env, stdout }: Pick<Terminal, 'env' | 'stdout'>, colorWanted: boolean): Screen {
  return {
    // A terminal that does not know its width says 0.
    width: stdout.isTTY ? stdout.columns || PLAIN_WIDTH : PLAIN_WIDTH,
    color: colorWanted && !env.NO_COLOR && (isForced(env.FORCE_COLOR) ?? (stdout.isTTY && env.TERM !== 'dumb')),
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  };
}

/** https://force-color.org: any value but an empty one; Node and most tools read 0 and false as "never". */
function isForced(value: string | undefined): boolean | undefined {
  if (!value) return undefined;
  return value !== '0' && value !== 'false';
}
