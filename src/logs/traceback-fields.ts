const MOST_LINES = 400;
const MOST_CHARACTERS = 1000;

/** The lines of a traceback that is the value of a field: a text, or structlog's `dict_tracebacks`; undefined: it is none. */
export function tracebackOfFields(value: unknown): string[] | undefined {
  if (typeof value === 'string')
    return value.includes('\n') || value.includes('Traceback') ? tracebackLines(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  const lines: string[] = [];
  for (const one of value.slice(0, 20)) lines.push(...linesOfException(one));
  return lines.length > 0 ? lines.slice(0, MOST_LINES) : undefined;
}

/** Empty ones are left out, long ones cut. */
export function tracebackLines(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length < MOST_LINES; ) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    const line = text.slice(start, Math.min(end, start + MOST_CHARACTERS)).trimEnd();
    if (line !== '') lines.push(line.toWellFormed());
    start = end + 1;
  }
  return lines;
}

/** As the traceback that Python would have printed. */
function linesOfException(value: unknown): string[] {
  const { exc_type, exc_value, frames } = (value ?? {}) as Record<string, unknown>;
  if (typeof exc_type !== 'string') return [];
  const told = [`${exc_type}${typeof exc_value === 'string' && exc_value !== '' ? `: ${exc_value}` : ''}`];
  const places = (Array.isArray(frames) ? frames : []).slice(0, MOST_LINES - 2).map((frame) => {
    const { filename, lineno, name } = (frame ?? {}) as Record<string, unknown>;
    return `  File "${filename}", line ${lineno}, in ${name}`;
  });
  return tracebackLines(['Traceback (most recent call last):', ...places, ...told].join('\n'));
}
