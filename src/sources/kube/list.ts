import { z } from 'zod';
import { ProblemError } from '../../core/problem.ts';
import type { Api, ApiAnswer, ApiList, ListForm, Query } from './api.ts';

const PAGE = 500;
const MOST = 10_000;
/** Lists that expire again and again are given up. */
const MOST_RESTARTS = 3;
/** The API may give smaller pages than asked for; one that never ends is not followed. */
const MOST_PAGES = 2000;
/** Pages that are only counted: 100,000 more. */
const MOST_COUNTED_PAGES = 200;
const NAMES_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

const page = z.object({
  items: z.array(z.unknown()).nullish(),
  metadata: z
    .object({ continue: z.string().nullish(), remainingItemCount: z.number().int().nonnegative().nullish() })
    .nullish(),
});
type Page = z.infer<typeof page>;

/**
 * Follows a list's pages (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 * A token that expired (410) means a list that takes too long: it is begun anew.
 */
export async function listAll<T>(
  get: Api['get'],
  keep: (item: unknown) => T,
  path: string,
  query: Query = {},
  most = MOST,
  form: ListForm = 'whole',
): Promise<ApiList<T>> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await listOnce(get, keep, path, query, most, form);
    } catch (thrown) {
      if (!(thrown instanceof ExpiredError) || restarts >= MOST_RESTARTS) throw thrown;
    }
  }
}

class ExpiredError extends ProblemError {}

async function listOnce<T>(
  get: Api['get'],
  keep: (item: unknown) => T,
  path: string,
  query: Query,
  most: number,
  form: ListForm,
): Promise<ApiList<T>> {
  const items: T[] = [];
  let token: string | undefined;
  for (let pages = 1; ; pages++) {
    const { answer, found } = await pageAt(get, path, { ...query, limit: PAGE, continue: token }, form);
    for (const item of found.items ?? []) items.push(keep(item));
    token = found.metadata?.continue || undefined;
    const left = found.metadata?.remainingItemCount;
    if (pages >= MOST_PAGES && token) throw new ProblemError('broken', `GET ${path}: a list without end`);
    if (!token || items.length >= most) {
      const beyond = Math.max(0, items.length - most);
      const unread = token ? (left ?? (await counted(get, path, { ...query, continue: token }))) : 0;
      return { items: items.slice(0, most), unread: beyond + unread, clock: answer.clock };
    }
  }
}

async function pageAt(
  get: Api['get'],
  path: string,
  query: Query,
  form: ListForm,
): Promise<{ answer: ApiAnswer; found: Page }> {
  const answer = await get(path, query, form === 'names' ? { accept: NAMES_ONLY } : {}).catch((thrown) => {
    const { problem } = thrown instanceof ProblemError ? thrown : {};
    throw problem?.code === 'absent' && query.continue ? new ExpiredError('broken', EXPIRED(path)) : thrown;
  });
  const { success, data } = page.safeParse(answer.body);
  if (!success) throw new ProblemError('broken', `GET ${path}: the answer is no list`);
  return { answer, found: data };
}

const EXPIRED = (path: string) => `GET ${path}: the list changes faster than it can be read`;

/** The API does not count what a selector matches: the rest is listed by name only, as far as that goes. At least one. */
async function counted(get: Api['get'], path: string, query: Query): Promise<number> {
  let count = 0;
  let token = query.continue;
  try {
    for (let pages = 0; token && pages < MOST_COUNTED_PAGES; pages++) {
      const { found } = await pageAt(get, path, { ...query, limit: PAGE, continue: token }, 'names');
      count += found.items?.length ?? 0;
      token = found.metadata?.continue || undefined;
    }
  } catch {
    // What was read is not lost because the rest could not be counted.
  }
  return Math.max(1, count);
}
