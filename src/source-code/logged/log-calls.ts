import {
  type Argument,
  argumentsOf,
  attributeOf,
  fileOf,
  type Program,
  readProgram,
  sourceText,
  textOf,
} from '../program.ts';
import { lookUp } from '../scopes.ts';
import type { Node } from '../syntax.ts';
import type { SourceFile } from '../types.ts';
import { placeOf as sourcePlaceOf } from '../uses.ts';
import { isPlace, joined, linesOf, type Message, wordCharacters } from './message-part.ts';
import { entriesOf, messagesOf, placeOf } from './messages.ts';
import { filled, KEYWORDS, type LogField, type Said } from './said.ts';
import { throughWrappers } from './wrappers.ts';

/** One line that a call prints. */
export interface LogCall {
  readonly file: string;
  /** 1-based, of the call. */
  readonly line: number;
  /** Qualified name without the module; absent at module level. */
  readonly function?: string | undefined;
  /** The source line, stripped. */
  readonly code: string;
  readonly message: Message;
  /** What is said beside the message by name: `extra`, structlog's keywords, a dict that is printed as JSON. */
  readonly fields: readonly LogField[];
  /** Of a call of a function that prints what it is given: where that prints it. */
  readonly printedAt?: { readonly file: string; readonly line: number } | undefined;
  readonly node: Node;
  /** The calls in functions through which it prints, the one that prints last. */
  readonly through: readonly Node[];
}

/** The calls that print, and the files in which what they print is looked up. */
export interface LogCalls {
  readonly program: Program;
  readonly calls: readonly LogCall[];
  /** Calls that were left out, because there are too many. */
  readonly unread: number;
}

/** A bound on hostile files: no program has more calls that log. */
const MOST_CALLS = 50_000;

const LEVELS = [
  'debug',
  'info',
  'warning',
  'warn',
  'error',
  'critical',
  'fatal',
  'exception',
  'trace',
  'success',
  'notice',
  'verbose',
  'msg',
];
const LOGGING = new Set([...LEVELS, ...LEVELS.map((level) => `a${level}`), 'log', 'alog']);
const PRINTING = new Set(['print', 'rprint', 'cprint', 'pprint']);
const ECHOING = new Set(['echo', 'secho']);
const STREAM = /(^|\.)_*(std(out|err)|tqdm|console|stream|out|err)_*(\.buffer)?$/;

/**
 * The calls that print a line: print, logging, loguru, structlog, `sys.stdout.write`, click.echo, and functions of these
 * files that pass on what they are given. Any receiver will do: what counts is the text. Never throws.
 */
export function findLogCalls(files: readonly SourceFile[]): LogCalls {
  return logCallsOf(readProgram(files));
}

export function logCallsOf(program: Program): LogCalls {
  const direct = [...program.calls].flatMap(([name, calls]) =>
    isPrinter(name) ? calls.flatMap((call) => saidBy(program, call, name)) : [],
  );
  const passed = throughWrappers(program, direct);
  const wrapped = new Set(passed.map(({ said }) => said.node));
  const all = [...direct.filter(({ node }) => !wrapped.has(node)).map((said) => ({ said, through: [] })), ...passed];
  const calls = all.slice(0, MOST_CALLS).flatMap(({ said, through }) => asLines(program, said, through));
  return { program, calls, unread: Math.max(0, all.length - MOST_CALLS) };
}

const isPrinter = (name: string): boolean =>
  LOGGING.has(name) || PRINTING.has(name) || ECHOING.has(name) || name === 'write' || name === 'syslog';

function asLines(program: Program, { node, message, fields }: Said, through: readonly Node[]): LogCall[] {
  const printer = through.at(-1);
  const at = sourcePlaceOf(program, node);
  const where = printer && sourcePlaceOf(program, printer);
  const printedAt = where && { file: where.file, line: where.line };
  const lines = linesOf(joined(message));
  return (lines.length > 0 ? lines : [[]])
    .filter((line) => wordCharacters(line) > 0 || fields.length > 0)
    .map((line) => ({ ...at, message: line, fields, printedAt, node, through }));
}

function saidBy(program: Program, call: Node, name: string): Said[] {
  const file = fileOf(program, call);
  const given = argumentsOf(file, call);
  const callee = call.children[0]!;
  if (PRINTING.has(name)) {
    const said = printed(program, call, given);
    return callee.type === 'MemberExpression' || name === 'rprint' ? said.map(withoutMarkup) : said;
  }
  if (name === 'write' || name === 'syslog') {
    const receiver = callee.type === 'MemberExpression' ? sourceText(file, callee.children[0]!) : '';
    return name === 'syslog' || STREAM.test(receiver) ? first(program, call, given.at(-1)?.value) : [];
  }
  if (ECHOING.has(name)) return first(program, call, given[0]?.value);
  if (callee.type === 'VariableName' && !isImported(callee, sourceText(file, callee))) return [];
  return logged(program, call, given, name);
}

/** A plain `info(…)` logs where it was imported; else it is anybody's function, and a wrapper if it prints. */
const isImported = (callee: Node, name: string): boolean =>
  lookUp(callee.scope, name)?.bindings.some((binding) => binding.kind === 'member') ?? false;

/** Rich's colours: `[bold]…[/bold]`. */
const MARKUP = /\[\/?[a-z#@][a-z0-9 _#.,()=-]{0,60}\]|\[\/\]/g;

const withoutMarkup = (said: Said): Said => ({
  ...said,
  message: said.message.map((part) => (isPlace(part) ? part : { text: part.text.replace(MARKUP, '') })),
});

const first = (program: Program, node: Node, value: Node | undefined): Said[] =>
  value ? messagesOf(program, value).map((message) => ({ node, message, fields: [] })) : [];

/** `print(a, b, sep=' ', end='\n')`. */
function printed(program: Program, node: Node, given: readonly Argument[]): Said[] {
  const separator = constant(program, given, 'sep') ?? ' ';
  const end = constant(program, given, 'end') ?? '\n';
  const values = given.filter((each) => each.name === undefined);
  if (values.length === 1) {
    const fields = dictOf(program, values[0]!.value);
    if (fields) return [asFields(program, node, fields)];
  }
  const parts = values.slice(0, 100).map((each) => messagesOf(program, each.value));
  const most = Math.max(1, ...parts.map((alternatives) => alternatives.length));
  return Array.from({ length: most }, (_, at) => {
    const message = parts.flatMap((alternatives, index): Message => {
      const chosen = alternatives[Math.min(at, alternatives.length - 1)] ?? [];
      return index > 0 ? [{ text: separator }, ...chosen] : chosen;
    });
    return { node, message: end.includes('\n') ? message : [...message, { text: end }, ANYTHING], fields: [] };
  });
}

/** What another call prints behind on the same line. */
const ANYTHING = { expression: '', value: undefined, isNumber: false };

function constant(program: Program, given: readonly Argument[], name: string): string | undefined {
  const value = given.find((each) => each.name === name)?.value;
  const [message] = value ? messagesOf(program, value) : [];
  const part = message?.length === 1 ? message[0] : undefined;
  return part && !isPlace(part) ? part.text : value?.type === 'String' ? '' : undefined;
}

/** `logger.info("…", *args, **kwargs)` in the manners of logging, loguru and structlog. */
function logged(program: Program, node: Node, given: readonly Argument[], name: string): Said[] {
  const positional = given.filter((each) => each.name === undefined && !each.star);
  const skipped = name.endsWith('log') && positional.length > 1 ? 1 : 0;
  const value = positional[skipped]?.value ?? given.find(({ name: key }) => key === 'msg' || key === 'event')?.value;
  const fields = [...fieldsOf(program, given), ...boundFields(program, node)];
  if (!value) return fields.length > 0 ? [{ node, message: [], fields }] : [];
  const dict = dictOf(program, value);
  if (dict) return [asFields(program, node, [...dict, ...fields])];
  const rest = positional.slice(skipped + 1).map((each) => each.value);
  const star = given.find((each) => each.star && !isMapping(program, each.value))?.value;
  return messagesOf(program, value).map((message) => ({
    node,
    message: filled(program, node, message, rest, skipped + 1),
    fields,
    star,
  }));
}

/** `**kwargs` */
const isMapping = (program: Program, value: Node): boolean =>
  fileOf(program, value).text.slice(value.from - 2, value.from) === '**';

function fieldsOf(program: Program, given: readonly Argument[]): LogField[] {
  return given.flatMap(({ name, value }) => {
    if (name === 'extra') return entriesOf(program, value);
    return name === undefined || KEYWORDS.has(name) || name === 'msg' || name === 'event' ? [] : [{ name, value }];
  });
}

/** `logger.bind(size=n).info(…)`. */
function boundFields(program: Program, call: Node): LogField[] {
  const file = fileOf(program, call);
  const object = call.children[0]!.children[0];
  if (object?.type !== 'CallExpression' || !/^(bind|new|opt)$/.test(attributeOf(file, object.children[0]!) ?? ''))
    return [];
  return fieldsOf(program, argumentsOf(file, object));
}

/** What is printed as an object: `{'size': n}`, `json.dumps({'size': n})`. */
function dictOf(program: Program, value: Node): LogField[] | undefined {
  const isDump = value.type === 'CallExpression' && /(^|\.)dumps$/.test(textOf(program, value.children[0]!));
  const dict = isDump ? argumentsOf(fileOf(program, value), value)[0]?.value : value;
  const entries = dict ? nestedEntries(program, dict, 0) : [];
  return entries.length > 0 ? entries : undefined;
}

/** With the names of objects in objects: `stats.size`. */
function nestedEntries(program: Program, dict: Node, depth: number): LogField[] {
  return entriesOf(program, dict).flatMap((entry) => {
    const inner = depth < 4 ? nestedEntries(program, entry.value, depth + 1) : [];
    return [entry, ...inner.map(({ name, value }) => ({ name: `${entry.name}.${name}`, value }))];
  });
}

const MESSAGE_KEYS = ['message', 'msg', 'event'];

function asFields(program: Program, node: Node, entries: readonly LogField[]): Said {
  const said = MESSAGE_KEYS.map((key) => entries.find(({ name }) => name === key)).find((entry) => entry !== undefined);
  const message = said ? (messagesOf(program, said.value)[0] ?? [placeOf(program, said.value, false)]) : [];
  return { node, message, fields: entries.filter((entry) => entry !== said) };
}
