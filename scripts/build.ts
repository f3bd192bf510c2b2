import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** Bundles the command line and the process that reads heaps into dist/, with the licences of what is bundled. */
const root = new URL('../', import.meta.url).pathname;
const dist = join(root, 'dist');

/**
 * Of `@kubernetes/client-node` the command line uses what signs in and nothing that asks: its generated clients and the
 * HTTP library under them (1.5 MB) are never called, and stay out; so does its YAML parser,
 * since kubeconfigs are read by our own.
 */
const signInOnly: Plugin = {
  name: 'sign-in-only',
  setup({ onResolve, onLoad }) {
    const filter = /^undici$|^socks$|^js-yaml$|^\.\/gen\/index\.js$/;
    const names = ['Agent', 'ProxyAgent', 'SocksClient', 'createConfiguration', 'ServerConfiguration'];
    onResolve({ filter }, ({ path, importer }) =>
      importer.includes('/@kubernetes/client-node/') ? { path, namespace: 'never-called' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'never-called' }, () => ({
      contents: names.map((name) => `export const ${name} = undefined;`).join('\n'),
    }));
  },
};

/** zod knows how to complain in sixty languages, 0.3 MB of them; English is loaded by itself. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
      importer.includes('/zod/') ? { path, namespace: 'no-locales' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'no-locales' }, () => ({ contents: 'export {}' }));
  },
};

/** What few looks ask for (a SOCKS proxy, OpenID, a Python file), by what is used of it: each begins with much that is made at once. */
const WHEN_USED: Readonly<Record<string, readonly string[]>> = {
  'socks-proxy-agent': ['SocksProxyAgent'],
  'openid-client': ['customFetch', 'discovery', 'refreshTokenGrant'],
  'jsonpath-plus': ['JSONPath'],
  '@lezer/python': ['parser'],
};
const packagesWhenUsed: Plugin = {
  name: 'packages-when-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[@a-z/-]+$/ }, ({ path, kind }) =>
      kind !== 'require-call' && WHEN_USED[path] ? { path, namespace: 'when-used' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'when-used' }, ({ path }) => ({
      contents: `module.exports = {${WHEN_USED[path]!.map((name) => `get ${name}() { return require('${path}').${name}; }`)}};`,
      resolveDir: root,
    }));
  },
};

/** A module whose exports are those of Node's, each read, and the module loaded, where it is first used. */
function whenUsed(path: string): string {
  const load = `process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`;
  const whole: unknown = process.getBuiltinModule(`node:${path}`);
  // What is itself a class, as `events` is, is used by its own name.
  if (typeof whole !== 'object' || whole === null) return `module.exports = ${load};`;
  const getters = Object.keys(whole).map(
    (name) => `get ${JSON.stringify(name)}() { return load()[${JSON.stringify(name)}]; }`,
  );
  return `let it; const load = () => it ??= ${load}; module.exports = {${getters.join()}};`;
}

/**
 * Node's own modules when they are first used. Imported, each has all of its exports read at once, and those of `http` load an HTTP client
 * (undici) that nobody here asks for: a tenth of the time to the first request. Many are never used in a run: `child_process`, which
 * commander wants for commands that are programs of their own.
 */
const builtinsWhenUsed: Plugin = {
  name: 'builtins-when-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z]+)?$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({ contents: whenUsed(path) }));
  },
};

rmSync(dist, { recursive: true, force: true });
const common: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  chunkNames: 'chunk-[hash]',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'inline',
  // A native addon, and optional: `whyoom open` works without it.
  external: ['koffi'],
  // Bundled CommonJS packages (commander) ask for Node's own modules with require.
  banner: {
    js: "import{createRequire as whyoomRequire}from'node:module';const require=whyoomRequire(import.meta.url);",
  },
  plugins: [signInOnly, englishOnly, packagesWhenUsed, builtinsWhenUsed],
  metafile: true,
  logLevel: 'warning',
};
// What `import()` loads stays apart until it is wanted: who looks at a process does not wait for what asks a cluster.
// Programs of their own share nothing with it: each file that is loaded costs a millisecond or two.
const built = [
  await build({ ...common, splitting: true, entryPoints: { cli: 'src/cli.ts' } }),
  await build({
    ...common,
    entryPoints: {
      'compile-cache': 'src/compile-cache.ts',
      'heap-worker': 'src/heap-worker.ts',
      reaper: 'src/sources/process/tracer/reaper.ts',
    },
  }),
];
// What runs in a pod is no module of Node's: it is read and sent as it is.
copyFileSync(join(root, 'src/pod-reader/reader.py'), join(dist, 'reader.py'));
writeFileSync(join(dist, 'THIRD-PARTY.txt'), licences(built.flatMap(({ metafile }) => Object.keys(metafile!.inputs))));

/** The licence of every package that the bundles hold. Throws where a package ships none: then it may not be bundled. */
function licences(inputs: readonly string[]): string {
  const packages = new Set(
    inputs.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = [...packages].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenceText(folder).trim()}\n`;
  });
  return `whyoom's bundles contain these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function licenceText(folder: string): string {
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (!file) throw new Error(`${folder} ships no licence`);
  return readFileSync(join(folder, file), 'utf8');
}
