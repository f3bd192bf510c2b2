import { readFile } from 'node:fs/promises';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import type { KubeConnection } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { withoutSecrets } from '../../logs/secret-arguments.ts';
import { clipped } from '../../util/text-escape.ts';
import { runExecPlugin } from './exec-plugin.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig.ts';
import type { Place } from './place.ts';
import { proxyFromEnv } from './proxy-env.ts';
import { withoutTokens } from './without-tokens.ts';

type Asking = Pick<KubeConnection, 'env' | 'requestTimeoutMs' | 'interrupted'>;
type Env = KubeConnection['env'];

/** The way to one API server, and the credentials for it, which leave it in requests only. */
export interface Access {
  readonly server: URL;
  /** For the next request: tokens are read again, or asked for again, when their time has come. */
  authorize(): Promise<Authorized>;
  /** The server refused these credentials: true where there may be newer ones. */
  renew(refused: Authorized): Promise<boolean>;
}

export interface Authorized {
  readonly agent: Agent;
  readonly headers: OutgoingHttpHeaders;
  /** Which credentials these are. */
  readonly of: object;
}

/** A library's configuration for one set of credentials, and when these should be asked for again. */
interface Credentials {
  readonly kube: KubeConfig;
  readonly untilMs: number;
}

/** More requests at once wait for a connection: to open one takes longer than most answers, and loads the API server. */
const MOST_CONNECTIONS = 8;
/** Ahead of the expiry, so that a request under way does not outlive its token. */
const EARLY_MS = 10_000;
/** What failed is not tried anew by each request at once: a plugin may have taken its time to fail. */
const FAILED_MS = 5000;
/** As client-go reads a token file again (v0.34, transport/token_source.go). */
const TOKEN_FILE_MS = 60_000;

/**
 * `@kubernetes/client-node` knows certificates, proxies (HTTP and SOCKS) and OpenID refreshes; credential plugins, token
 * files, impersonation of groups and the proxies of the environment are added here. Throws a ProblemError for an address
 * that is none.
 */
export function createAccess(place: Place, asking: Asking): Access {
  const server = serverOf(place.cluster);
  const cluster = clusterOf(place.cluster, server, asking.env);
  const impersonation = impersonationOf(place.user);
  let current: Promise<Credentials> | undefined;
  const forget = (asked: Promise<Credentials>) => {
    if (current === asked) current = undefined;
  };
  const usable = async (): Promise<Credentials> => {
    current ??= credentialsOf(place, cluster, asking);
    const asked = current;
    const credentials = await asked.catch((thrown) => {
      setTimeout(forget, FAILED_MS, asked).unref();
      throw thrown;
    });
    if (Date.now() < credentials.untilMs) return credentials;
    forget(asked);
    return usable();
  };
  return {
    server,
    authorize: async () => {
      const credentials = await usable();
      const { agent, headers } = await optionsOf(credentials.kube);
      return { agent, headers: { ...headers, ...impersonation }, of: credentials };
    },
    renew: async (refused) => {
      if (!place.user.exec && !place.user.tokenFile) return false;
      const asked = current;
      if (asked && (await asked.catch(() => undefined)) === refused.of) forget(asked);
      return true;
    },
  };
}

function serverOf({ server }: ClusterEntry): URL {
  const url = URL.parse(server.includes('://') ? server : `http://${server}`);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new ProblemError(
    'broken',
    `The kubeconfig's server ${clipped(withoutSecrets([server])[0]!, 200)} is no URL`,
    'kubectl config view',
  );
}

function clusterOf(entry: ClusterEntry, server: URL, env: Env): Cluster {
  const proxyUrl = entry['proxy-url'] || proxyFromEnv(server, env);
  return {
    name: 'cluster',
    server: server.href,
    // The library refuses plain HTTP without it; for kubectl that is the user's choice.
    skipTLSVerify: entry['insecure-skip-tls-verify'] === true || server.protocol === 'http:',
    ...given({
      caFile: entry['certificate-authority-data'] ? undefined : entry['certificate-authority'],
      caData: entry['certificate-authority-data'],
      tlsServerName: entry['tls-server-name'],
      proxyUrl,
    }),
  };
}

async function credentialsOf({ user, cluster: entry }: Place, cluster: Cluster, asking: Asking): Promise<Credentials> {
  const kube = new KubeConfig();
  const { untilMs, ...fields } = await userOf(user, entry, asking);
  const libraryUser: User = { name: 'user', ...fields };
  kube.loadFromOptions({
    clusters: [cluster],
    users: [libraryUser],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return { kube, untilMs };
}

/** client-go's order: a token or token file before a plugin; certificates beside both. */
async function userOf(user: UserEntry, cluster: ClusterEntry, asking: Asking) {
  const certificate = given({
    certFile: user['client-certificate-data'] ? undefined : user['client-certificate'],
    certData: user['client-certificate-data'],
    keyFile: user['client-key-data'] ? undefined : user['client-key'],
    keyData: user['client-key-data'],
  });
  if (user.tokenFile) {
    const token = (await readFile(user.tokenFile, 'utf8').catch(unusable)).trim();
    return { ...certificate, token, untilMs: Date.now() + TOKEN_FILE_MS };
  }
  if (user.exec && !user.token) {
    const { token, certificate: cert, key, expiresAtMs } = await runExecPlugin(user.exec, cluster, asking);
    const base64 = (pem: string | undefined) => pem && Buffer.from(pem).toString('base64');
    const own = cert ? given({ certData: base64(cert), keyData: base64(key) }) : certificate;
    return { ...own, ...given({ token }), untilMs: untilOf(expiresAtMs) };
  }
  const { token, username, password } = user;
  const provider = user['auth-provider'];
  const authProvider = provider ? { name: provider.name, config: { ...provider.config } } : undefined;
  return { ...certificate, ...given({ token, username, password, authProvider }), untilMs: Number.POSITIVE_INFINITY };
}

/** One that is over already is tried all the same: this machine's clock may be wrong. */
function untilOf(expiresAtMs: number | undefined): number {
  const until = (expiresAtMs ?? Number.POSITIVE_INFINITY) - EARLY_MS;
  return until > Date.now() ? until : Number.POSITIVE_INFINITY;
}

async function optionsOf(kube: KubeConfig): Promise<{ agent: Agent; headers: OutgoingHttpHeaders }> {
  const options: RequestOptions = { headers: {} };
  await kube.applyToHTTPSOptions(options).catch(unusable);
  const agent = options.agent as Agent & { keepAlive: boolean };
  // The library makes agents that close each connection.
  agent.keepAlive = true;
  agent.maxSockets = MOST_CONNECTIONS;
  const basic = options.auth && { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
  return { agent, headers: { ...(options.headers as OutgoingHttpHeaders), ...(basic || {}) } };
}

/** A file of certificates or tokens that is not there, an OpenID provider that refuses. */
function unusable(thrown: unknown): never {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  throw new ProblemError(
    'denied',
    `The kubeconfig's credentials cannot be used: ${withoutTokens(clipped(why, 500))}`,
    'Check with: kubectl auth whoami',
  );
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonationOf(user: UserEntry): OutgoingHttpHeaders {
  if (!user.as) return {};
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    values,
  ]);
  return {
    'Impersonate-User': user.as,
    ...given({ 'Impersonate-Uid': user['as-uid'], 'Impersonate-Group': user['as-groups'] }),
    ...Object.fromEntries(extra),
  };
}

/** Without what is not there, or empty. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
