import { BlockList, isIP } from 'node:net';

/**
 * The proxy that the environment names for a server, as Go's net/http chooses it (golang.org/x/net/http/httpproxy):
 * HTTPS_PROXY or HTTP_PROXY by the server's scheme, in capitals first, not for what NO_PROXY lists, never for this machine.
 */
export function proxyFromEnv(server: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = (name: string) => env[name] || env[name.toLowerCase()];
  const proxy = named(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (!proxy || isDirect(server, named('NO_PROXY') ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isDirect({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true;
  const portOf = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
    .some((entry) => entry === '*' || matches(entry, host, portOf));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return inNetwork(host, entry);
  const [name = '', only] = /^[^:]*:\d+$/.test(entry) ? entry.split(':') : [entry, undefined];
  if (only !== undefined && only !== port) return false;
  const domain = name.replace(/^\*?\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function inNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const kind = isIP(base);
  if (kind === 0 || isIP(host) !== kind || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128))
    return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const addresses = new BlockList();
  addresses.addSubnet(base, Number(bits), family);
  return addresses.check(host, family);
}
