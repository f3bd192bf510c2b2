import { isFeeding } from '../container-types.ts';
import {
  attributeOf,
  type Entity,
  entityOf,
  fileOf,
  isSubscript,
  nodesWithin,
  type Program,
  subscriptOf,
  textOf,
} from '../program.ts';
import { statementOf } from '../reaching.ts';
import { lookUp } from '../scopes.ts';
import { ancestor, child, isWithin, type Node, type Syntax } from '../syntax.ts';
import { functionAround } from '../uses.ts';
import { heldBy } from './holder-of.ts';
import type { Kept } from './kept-behind.ts';

const MOST_RAISES = 20;
const MOST_FEEDS = 20;
const MOST_CALLS = 20;

/**
 * The containers that are fed where a counter is raised: `self.items.append(x)` beside `self.count += 1`. Only for one that is never lowered,
 * else it is no count of what was ever put in.
 */
export function countedBeside(program: Program, counter: Node): Kept[] {
  const changes = changesOf(program, counter);
  if (changes.length === 0 || changes.some((each) => !isRaise(program, each))) return [];
  return changes.slice(0, MOST_RAISES).flatMap((raise) => fedBeside(program, raise));
}

/** What a loop feeds whose rounds are counted: `for n, row in enumerate(rows)`, `for n in range(…)`. */
export function fedInLoop(program: Program, counted: Node): Kept[] {
  const loop = counted.parent?.type === 'ForStatement' ? counted.parent : ancestor(counted, new Set(['ForStatement']));
  const body = loop && child(loop, 'Body');
  if (!body) return [];
  const feeds = feedsWithin(program, body);
  return keptIn(program, feeds.length > 0 ? feeds : feedsOfCalls(program, body));
}

const isRaise = (program: Program, update: Node): boolean => textOf(program, update.children[1]!) === '+=';

/** `counter += …` and `counter -= …` of the same variable or attribute. */
function changesOf(program: Program, counter: Node): Node[] {
  const file = fileOf(program, counter);
  const written = textOf(program, counter);
  const name = attributeOf(file, counter);
  const of = entityOf(program, counter.children[0]);
  const variable = counter.type === 'VariableName' ? lookUp(counter.scope, written)?.scope : undefined;
  return program.files.flatMap((each) =>
    updatesIn(each).filter((node) => {
      const target = node.children[0]!;
      if (name !== undefined && of) {
        if (attributeOf(each, target) !== name) return false;
        const owner = entityOf(program, target.children[0]);
        return isSameObject(owner, of);
      }
      if (each.text.slice(target.from, target.to) !== written) return false;
      return variable ? lookUp(target.scope, written)?.scope === variable : each === file;
    }),
  );
}

/** `self.count`, `Service.count`: the class may speak of it, and its objects. */
const isSameObject = (one: Entity | undefined, other: Entity): boolean =>
  one?.kind === 'module' || other.kind === 'module'
    ? one?.kind === other.kind && 'name' in one && 'name' in other && one.name === other.name
    : one?.scope === other.scope;

const updates = new WeakMap<Syntax, readonly Node[]>();

function updatesIn(file: Syntax): readonly Node[] {
  const known = updates.get(file);
  if (known) return known;
  const found = file.nodes.filter(({ type }) => type === 'UpdateStatement');
  updates.set(file, found);
  return found;
}

/** What is fed in the block of a raise; else by a function that is called there; else in the function around. */
function fedBeside(program: Program, raise: Node): Kept[] {
  const block = statementOf(raise)?.parent;
  const around = functionAround(raise)?.node;
  const feeds = around ? feedsWithin(program, around) : [];
  const near = feeds.filter((feed) => block && standsIn(block, feed));
  const nearest = [near, block ? feedsOfCalls(program, block) : [], feeds].find(({ length }) => length > 0);
  return keptIn(program, nearest ?? []);
}

/** As a statement of the block, and not of one within it: it happens as often as the block. */
const standsIn = (block: Node, node: Node): boolean => isWithin(node, block) && statementOf(node)?.parent === block;

/** What functions of these files feed whenever they are called in a block: `number += 1` before `self.process(image)`. */
function feedsOfCalls(program: Program, block: Node): Node[] {
  const calls = nodesWithin(program, block).filter((node) => node.type === 'CallExpression' && standsIn(block, node));
  return calls.slice(0, MOST_CALLS).flatMap((call) => {
    const called = entityOf(program, call.children[0]);
    const body = called?.kind === 'function' ? child(called.scope.node, 'Body') : undefined;
    return body ? feedsWithin(program, body).filter((feed) => standsIn(body, feed)) : [];
  });
}

const keptIn = (program: Program, feeds: readonly Node[]): Kept[] =>
  feeds.slice(0, MOST_FEEDS).flatMap((container): Kept[] => {
    const held = heldBy(program, container);
    return held ? [{ held, container: textOf(program, container).slice(0, 200), by: 'beside' }] : [];
  });

function feedsWithin(program: Program, around: Node): Node[] {
  return nodesWithin(program, around)
    .slice(0, 5000)
    .flatMap((node): Node[] => {
      if (node.type === 'CallExpression') {
        const callee = node.children[0]!;
        const method = attributeOf(fileOf(program, node), callee);
        return method !== undefined && isFeeding('other', method) ? [callee.children[0]!] : [];
      }
      const target = node.type === 'AssignStatement' ? node.children[0] : undefined;
      return target && isSubscript(target) && !hasOneKey(target) ? [target.children[0]!] : [];
    });
}

/** `stats['images'] = n` puts in one thing, however often. */
const hasOneKey = (target: Node): boolean => /^(String|Number)$/.test(subscriptOf(target)[0]?.type ?? '');
