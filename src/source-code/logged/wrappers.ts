import { callsFunction, givenFor } from '../calls.ts';
import { argumentsOf, fileOf, type Program, textOf } from '../program.ts';
import { lookUp, type Parameter, type Scope } from '../scopes.ts';
import type { Node } from '../syntax.ts';
import { functionAround } from '../uses.ts';
import { isPlace, joined, type Message, type MessagePart, type Place } from './message-part.ts';
import { messagesOf, placeOf } from './messages.ts';
import { filled, type LogField, type Said } from './said.ts';

/** More calls of one function than these are not looked at. */
const MOST_CALLS = 500;
const MOST_PASSED = 20_000;

export interface Passed {
  readonly said: Said;
  /** The calls in functions through which it prints, the one that prints last. */
  readonly through: readonly Node[];
}

/**
 * Calls of functions that print what they are given (`self.log(msg)`), with the text that they give. One function deep, and
 * once more for the levels that call one method (`debug` → `_log`).
 */
export function throughWrappers(program: Program, direct: readonly Said[]): Passed[] {
  const first = passedOn(
    program,
    direct.map((said) => ({ said, through: [] })),
  );
  return [...first, ...passedOn(program, first)].slice(0, MOST_PASSED);
}

function passedOn(program: Program, printers: readonly Passed[]): Passed[] {
  const made: Passed[] = [];
  for (const { said, through } of printers) {
    const scope = functionAround(said.node);
    if (!scope || made.length > MOST_PASSED || !isGiven(program, scope, said)) continue;
    for (const call of (program.calls.get(scope.name) ?? []).slice(0, MOST_CALLS)) {
      const bound = functionAround(call) === scope ? undefined : callsFunction(program, call, scope);
      if (bound === undefined) continue;
      for (const each of given(program, said, scope, call, bound))
        made.push({ said: each, through: [said.node, ...through] });
    }
  }
  return made;
}

/** Whether a part of the message is a parameter of the function. */
const isGiven = (program: Program, scope: Scope, { message, fields }: Said): boolean =>
  message.some((part) => isPlace(part) && parameterOf(program, scope, part.value) !== undefined) ||
  fields.some(({ value }) => parameterOf(program, scope, value) !== undefined);

function parameterOf(program: Program, scope: Scope, value: Node | undefined): Parameter | undefined {
  if (value?.type !== 'VariableName') return undefined;
  const found = lookUp(value.scope, textOf(program, value));
  if (found?.scope !== scope) return undefined;
  const bindings = found.bindings.filter((each) => each.kind !== 'update');
  return bindings.length === 1 && bindings[0]!.kind === 'parameter' ? bindings[0]!.parameter : undefined;
}

function given(program: Program, said: Said, scope: Scope, call: Node, bound: 0 | 1): Said[] {
  const argument = (value: Node | undefined): Node | undefined => {
    const parameter = parameterOf(program, scope, value);
    if (!parameter) return undefined;
    return givenFor(program, call, scope, parameter, bound) ?? parameter.default;
  };
  const rest = starred(program, said, scope, call, bound);
  const fields = said.fields.map(({ name, value }): LogField => ({ name, value: argument(value) ?? value }));
  return alternatives(said.message.map((part) => substituted(program, part, argument, call, rest))).map((message) => ({
    node: call,
    message: joined(message),
    fields,
  }));
}

/** The arguments that reach the printer as its `*args`. */
function starred(program: Program, said: Said, scope: Scope, call: Node, bound: 0 | 1): Node[] {
  const parameter = said.star && parameterOf(program, scope, said.star);
  if (parameter?.star !== '*') return [];
  const positional = argumentsOf(fileOf(program, call), call).filter((each) => each.name === undefined && !each.star);
  return positional.slice(scope.parameters.indexOf(parameter) - bound).map((each) => each.value);
}

function substituted(
  program: Program,
  part: MessagePart,
  argument: (value: Node | undefined) => Node | undefined,
  call: Node,
  rest: readonly Node[],
): Message[] {
  const value = isPlace(part) ? argument(part.value) : undefined;
  if (!value) return [[part]];
  if ((part as Place).isNumber) return [[placeOf(program, value, true)]];
  const messages = messagesOf(program, value);
  return rest.length > 0 ? messages.map((message) => filled(program, call, message, rest, 1)) : messages;
}

const alternatives = (parts: readonly Message[][]): Message[] =>
  parts.reduce<Message[]>(
    (made, next) => made.flatMap((head) => next.map((tail) => [...head, ...tail])).slice(0, 4),
    [[]],
  );
