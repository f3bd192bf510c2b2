import type { FoundEndpoint } from '../../core/endpoints-artifact.ts';
import type { PortAnswer } from '../../core/kube-port.ts';
import { memoryIn } from './memory-report.ts';
import { metricsIn } from './prometheus-text.ts';

/**
 * What Python programs serve, by the packages that serve it. Cheap to answer:
 * - `/metrics`: prometheus_client (`make_wsgi_app`, `make_asgi_app`, `start_http_server`), prometheus-flask-exporter,
 *   django-prometheus, starlette-exporter: all by default there
 * - `/`: into every page of HTML flask-debugtoolbar (0.16, `templates/base.html`) and django-debug-toolbar (6.1,
 *   `templates/debug_toolbar/base.html`) put an element of their own
 */
export const CHEAP_PATHS: readonly string[] = ['/metrics', '/'];
/**
 * Walk the heap before they answer:
 * - `/debug/memory`: of no package; it is where programs put a page of their own, mostly made with tracemalloc
 * - `/debug/pprof/heap`: pypprof and flask-pypprof, after Go's net/http/pprof
 */
export const COSTLY_PATHS: readonly string[] = ['/debug/memory', '/debug/pprof/heap'];

export type Asked = PortAnswer;

/** What an answer tells; nothing where it is none, or of something else. */
export function foundIn(port: number, path: string, { status, contentType = '', body }: Asked): FoundEndpoint[] {
  if (path === '/') return toolbarIn(port, text(body));
  if (status !== 200) return [];
  switch (path) {
    case '/metrics': {
      const metrics = metricsIn(text(body));
      return metrics ? [{ is: 'metrics', port, path, ...metrics }] : [];
    }
    case '/debug/memory': {
      const memory = memoryIn(text(body));
      return memory ? [{ is: 'memory', port, path, ...memory }] : [];
    }
    default:
      return isProfile(contentType, body) ? [{ is: 'pprof', port, path }] : [];
  }
}

const text = (body: Uint8Array) => new TextDecoder().decode(body);

/** An error page has one, too. */
function toolbarIn(port: number, html: string): FoundEndpoint[] {
  const [, id] = /\bid=["']?(fl|dj)Debug\b/.exec(html) ?? [];
  return id === undefined ? [] : [{ is: 'toolbar', port, path: '/', of: id === 'fl' ? 'flask' : 'django' }];
}

/** Profiles are compressed (gzip begins with 1f 8b); what a program answers to any path is a page. */
const isProfile = (contentType: string, body: Uint8Array) =>
  !contentType.startsWith('text/html') && body[0] === 0x1f && body[1] === 0x8b;
