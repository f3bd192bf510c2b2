import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { ProblemError } from '../../core/problem.ts';

/**
 * Kubeconfig files, as kubectl reads and merges them (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 * Read here and not by `@kubernetes/client-node` 2.0, which refuses a list of files that name the same thing twice, and
 * drops `tokenFile`, `as-groups`, `as-uid` and relative exec commands.
 */
const text = z.string().nullish();
const flag = z.boolean().nullish();

const cluster = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
});
const exec = z.object({
  apiVersion: text,
  command: z.string(),
  args: z.array(z.coerce.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.coerce.string() })).nullish(),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});
const user = z.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  'auth-provider': z.object({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  exec: exec.nullish(),
});
const context = z.object({ cluster: z.string().nullish(), user: text, namespace: text });

const kubeconfig = z.object({
  'current-context': text,
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user: user.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context })).nullish(),
});

export type ClusterEntry = z.infer<typeof cluster>;
export type UserEntry = z.infer<typeof user>;
export type ContextEntry = z.infer<typeof context>;
export type ExecEntry = z.infer<typeof exec>;

/** Everything that the files name; of two with one name the first counts. */
export interface Kubeconfig {
  /** Where it was looked for. */
  readonly sought: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
}

/**
 * The kubeconfig as kubectl finds it: `file` (`--kubeconfig`), else the list in KUBECONFIG, else ~/.kube/config. Files of
 * the list that are not there are passed over, as kubectl does; `file` must be there. Throws a ProblemError for one that
 * cannot be read or is none.
 */
export async function readKubeconfig(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Kubeconfig> {
  const listed = env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [];
  const paths = file ? [file] : listed.length > 0 ? listed : [join(env.HOME || homedir(), '.kube', 'config')];
  const read = await Promise.all([...new Set(paths)].map((path) => readOne(path, file !== undefined)));
  return { ...merged(read.filter((one) => one !== undefined)), sought: [...new Set(paths)] };
}

interface OneFile {
  readonly path: string;
  readonly content: z.infer<typeof kubeconfig>;
}

async function readOne(path: string, mustExist: boolean): Promise<OneFile | undefined> {
  const content = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' && !mustExist) return undefined;
    throw new ProblemError(
      thrown.code === 'ENOENT' ? 'absent' : 'denied',
      thrown.code === 'ENOENT' ? `There is no kubeconfig at ${path}` : `${path} cannot be read (${thrown.code})`,
      'Name another file with --kubeconfig or KUBECONFIG.',
    );
  });
  return content === undefined ? undefined : { path, content: parsed(path, content) };
}

/** Errors name the place, never the text: what stands there may be a token. */
function parsed(path: string, content: string): OneFile['content'] {
  const fault = (what: string) =>
    new ProblemError('broken', `${path} is not a kubeconfig: ${what}`, `Check it with: kubectl config view`);
  let document: unknown;
  try {
    document = parse(content) ?? {};
  } catch (thrown) {
    const line = thrown instanceof YAMLParseError && thrown.linePos ? ` in line ${thrown.linePos[0].line}` : '';
    throw fault(`no YAML${line}`);
  }
  const result = kubeconfig.safeParse(document);
  if (!result.success)
    throw fault(`${result.error.issues[0]?.path.join('.') || 'the document'} is not what it should be`);
  return absolute(result.data, dirname(path));
}

/** Paths in a kubeconfig are relative to its own folder; so is an exec command with a slash in it. */
function absolute(content: OneFile['content'], folder: string): OneFile['content'] {
  const full = (path: string | null | undefined) => (path && !isAbsolute(path) ? join(folder, path) : path);
  const command = (name: string) => (name.includes('/') ? full(name)! : name);
  return {
    ...content,
    clusters: content.clusters?.map(({ name, cluster: c }) => ({
      name,
      cluster: { ...c, 'certificate-authority': full(c['certificate-authority']) },
    })),
    users: content.users?.map(({ name, user: u }) => ({
      name,
      user: u && {
        ...u,
        'client-certificate': full(u['client-certificate']),
        'client-key': full(u['client-key']),
        tokenFile: full(u.tokenFile),
        exec: u.exec && { ...u.exec, command: command(u.exec.command) },
      },
    })),
  };
}

function merged(files: readonly OneFile[]): Omit<Kubeconfig, 'sought'> {
  const clusters = new Map<string, ClusterEntry>();
  const users = new Map<string, UserEntry>();
  const contexts = new Map<string, ContextEntry>();
  for (const { content } of files) {
    for (const { name, cluster: entry } of content.clusters ?? []) if (!clusters.has(name)) clusters.set(name, entry);
    for (const { name, user: entry } of content.users ?? []) if (!users.has(name)) users.set(name, entry ?? {});
    for (const { name, context: entry } of content.contexts ?? []) if (!contexts.has(name)) contexts.set(name, entry);
  }
  const currentContext = files.map(({ content }) => content['current-context']).find(Boolean) ?? undefined;
  return { currentContext, clusters, users, contexts };
}
