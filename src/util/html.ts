/** Markup that is known to be safe. Made by the `html` tag only. */
export interface Html {
  readonly markup: string;
}
type Part = Html | string | number | undefined | readonly Part[];

/** A template whose parts are escaped unless they are markup themselves: forgetting to escape is not possible. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { markup: strings.map((text, at) => text + (at < parts.length ? markupOf(parts[at]) : '')).join('') };
}

/** A sentence in which `what stands between backticks` is set as code. */
export function prose(text: string): Html {
  return html`${text.split(/`([^`]+)`/).map((piece, at) => (at % 2 === 1 ? html`<code>${piece}</code>` : breakable(piece)))}`;
}

/** Text whose long names may go on in the next line after a dot, a slash or an underscore. */
export function breakable(text: string): Html {
  return html`${text.split(/(?<=[a-z]{3}[._/])(?=[a-z])/i).map((piece, at) => html`${at > 0 ? html`<wbr>` : undefined}${piece}`)}`;
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
