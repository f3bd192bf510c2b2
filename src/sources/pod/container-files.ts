import { decodeItems, decodeList, type ItemAnswer } from '../../pod-reader/answers.ts';
import type { ReaderCalls } from '../../pod-reader/link.ts';
import type { Frame } from '../../pod-reader/protocol.ts';
import { encodeRequest, type Item, MOST_ITEMS } from '../../pod-reader/requests.ts';
import type { ProcText } from '../process/proc-files.ts';
import type { ProcAnswer, ProcQuestion } from '../process/proc-rounds.ts';

/** Sends a request and gives the frames of its answer. */
export type AskReader = (request: Uint8Array) => Promise<Frame[]>;

/** In a request, so that no answer is too large and others get their turn between. */
const MOST_ITEMS_AT_ONCE = Math.min(256, MOST_ITEMS);

/** Answers questions about files of a container by its reader. Rejects where the reader does not answer. */
export async function askItems(ask: AskReader, items: readonly Item[]): Promise<ItemAnswer[]> {
  const answers: ItemAnswer[] = [];
  for (let at = 0; at < items.length; at += MOST_ITEMS_AT_ONCE) {
    const some = items.slice(at, at + MOST_ITEMS_AT_ONCE);
    answers.push(...decodeItems(await ask(encodeRequest({ op: 'items', items: some })), some.length));
  }
  return answers;
}

export async function askFiles(ask: AskReader, questions: readonly ProcQuestion[]): Promise<ProcAnswer[]> {
  const answers = await askItems(ask, questions.map(itemFor));
  return questions.map((question, at) => answerTo(question, answers[at]!));
}

/** The same of who waits for its answers. */
export const filesNow =
  (calls: ReaderCalls) =>
  (questions: readonly ProcQuestion[]): ProcAnswer[] => {
    const answers: ProcAnswer[] = [];
    for (let at = 0; at < questions.length; at += MOST_ITEMS_AT_ONCE) {
      const some = questions.slice(at, at + MOST_ITEMS_AT_ONCE);
      const items = decodeItems(calls.ask({ op: 'items', items: some.map(itemFor) }), some.length);
      answers.push(...some.map((question, nth) => answerTo(question, items[nth]!)));
    }
    return answers;
  };

function itemFor(question: ProcQuestion): Item {
  const { path } = question;
  switch (question.ask) {
    case 'read':
      return { kind: 'read', path, mostBytes: question.mostBytes };
    case 'range':
      return { kind: 'read', path, offset: question.offset, mostBytes: question.bytes };
    case 'exists':
      return { kind: 'stat', path };
    case 'link':
    case 'list':
      return { kind: question.ask, path };
  }
}

function answerTo({ ask }: ProcQuestion, { errno, bytes }: ItemAnswer): ProcAnswer {
  switch (ask) {
    case 'read':
    case 'link':
      return textOf(errno, bytes);
    case 'list':
      return errno === 0 ? decodeList(bytes).map(({ name }) => name) : [];
    case 'exists':
      return errno === 0;
    case 'range':
      return errno === 0 ? bytes : new Uint8Array();
  }
}

/** EPERM and EACCES; whatever else keeps a file from being read, it tells nothing. */
const DENIED = new Set([1, 13]);

const textOf = (errno: number, bytes: Uint8Array): ProcText =>
  errno === 0
    ? { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') }
    : { why: DENIED.has(errno) ? 'denied' : 'gone' };
