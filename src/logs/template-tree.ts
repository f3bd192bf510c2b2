import type { MessageScan } from './message-scan.ts';

/** What stands in a template for what varies. */
export const WILDCARD = '<*>';

/** Messages that are alike, as words. */
export interface Template {
  /** Words as they are; a place in a word, or a whole word that varies, is `<*>`. */
  readonly tokens: string[];
  /** Which leaf of the tree it hangs at. */
  readonly leaf: string;
  /** Of `SlotTable`: its variants, the last of which stands for all further ones. */
  readonly slots: number[];
}

/** Under a node there are no more different first words than this: then they are one. */
const MOST_CHILDREN = 200;
/** So many templates with the same beginning and length are compared; the next is merged with what is most like it. */
const MOST_AT_LEAF = 128;
/** Share of the words, places apart, in which two messages of one template agree. */
const LEAST_ALIKE = 0.69;

/** A message as the tree sees it. */
export interface Tokens {
  readonly masked: readonly string[];
  /** Which of them may well be another word in the next message: paths, quoted words, words with places in them. */
  readonly isSoft: readonly boolean[];
}

/** The tokens of the message that was scanned last, its places masked. */
export function tokensOf(scan: MessageScan): Tokens {
  const masked: string[] = [];
  const isSoft: boolean[] = [];
  for (let token = 0, place = 0; token < scan.tokens; token++) {
    let text = '';
    let from = scan.tokenStarts[token]!;
    const first = place;
    for (; place < scan.places && scan.placeTokens[place] === token; place++) {
      text += `${scan.text.slice(from, scan.placeStarts[place]!)}${WILDCARD}`;
      from = scan.placeEnds[place]!;
    }
    masked.push(text + scan.text.slice(from, scan.tokenEnds[token]!));
    isSoft.push(place > first || scan.tokenIsSoft[token] === 1);
  }
  return { masked, isSoft };
}

/**
 * Templates found by their length and first words, then by likeness: the tree of fixed depth of He, Zhu, Zheng and Lyu, "Drain: An
 * Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017. Other than there, places are masked before, words that are paths or
 * quoted count less where they differ, and nodes and leaves are bounded.
 */
export class TemplateTree {
  readonly #leaves = new Map<string, Template[]>();
  readonly #children = new Map<string, Set<string>>();
  /** Messages that were put to a template that they are hardly like, for want of room. */
  forced = 0;

  /** The template that the message belongs to, made more general where it must be; undefined: there is none. */
  match(tokens: Tokens): Template | undefined {
    const leaf = this.#leaves.get(this.#leafOf(tokens));
    if (!leaf) return undefined;
    let best: Template | undefined;
    let bestAlike = -1;
    for (const template of leaf) {
      const alike = likeness(template.tokens, tokens);
      if (alike > bestAlike) {
        best = template;
        bestAlike = alike;
        if (alike === 1) break;
      }
    }
    if (!best) return undefined;
    if (bestAlike < LEAST_ALIKE) {
      if (leaf.length < MOST_AT_LEAF) return undefined;
      this.forced++;
    }
    generalise(best.tokens, tokens.masked);
    return best;
  }

  add(tokens: Tokens): Template {
    const name = this.#leafOf(tokens);
    const template: Template = { tokens: [...tokens.masked], leaf: name, slots: [] };
    const leaf = this.#leaves.get(name);
    if (leaf) leaf.push(template);
    else this.#leaves.set(name, [template]);
    return template;
  }

  /** Only these stay. */
  keep(kept: ReadonlySet<Template>): void {
    this.#children.clear();
    for (const [name, templates] of this.#leaves) {
      const rest = templates.filter((template) => kept.has(template));
      if (rest.length === 0) this.#leaves.delete(name);
      else {
        this.#leaves.set(name, rest);
        const [length, first] = name.split('\n');
        this.#isChild(length!, first!);
      }
    }
  }

  #leafOf({ masked, isSoft }: Tokens): string {
    const length = String(masked.length);
    const first = masked[0] ?? '';
    return `${length}\n${!isSoft[0] && this.#isChild(length, first) ? first : WILDCARD}`;
  }

  /** Makes it one where there is room. */
  #isChild(parent: string, word: string): boolean {
    let children = this.#children.get(parent);
    if (!children) {
      children = new Set();
      this.#children.set(parent, children);
    }
    if (children.has(word)) return true;
    if (children.size >= MOST_CHILDREN) return false;
    children.add(word);
    return true;
  }
}

/** 0 to 1. Equal places say little, words in places nothing, and words that are soft count half where they differ. */
function likeness(template: readonly string[], { masked, isSoft }: Tokens): number {
  let equal = 0;
  let different = 0;
  for (let at = 0; at < masked.length; at++) {
    const token = template[at]!;
    if (token === masked[at]) equal += token === WILDCARD ? 0.3 : 1;
    else if (token !== WILDCARD) different += isSoft[at] ? 0.5 : 1;
  }
  return equal === 0 ? 0 : equal / (equal + different);
}

function generalise(template: string[], masked: readonly string[]): void {
  for (let at = 0; at < masked.length; at++) if (template[at] !== masked[at]) template[at] = WILDCARD;
}
