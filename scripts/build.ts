import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

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
    onResolve({ filter: /^undici$|^js-yaml$|^\.\/gen\/index\.js$/ }, ({ path }) => ({
      path,
      namespace: 'never-called',
    }));
    onLoad({ filter: /./, namespace: 'never-called' }, () => ({
      contents:
        'export { Agent, Agent as ProxyAgent, Agent as createConfiguration, Agent as ServerConfiguration }; const Agent = undefined;',
    }));
  },
};

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/cli.ts',
    'heap-worker': 'src/heap-worker.ts',
    reaper: 'src/sources/process/tracer/reaper.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  minifyWhitespace: true,
  legalComments: 'inline',
  // A native addon, and optional: `whyoom open` works without it.
  external: ['koffi'],
  // Bundled CommonJS packages (commander) ask for Node's own modules with require.
  banner: {
    js: "import{createRequire as whyoomRequire}from'node:module';const require=whyoomRequire(import.meta.url);",
  },
  plugins: [signInOnly],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(dist, 'THIRD-PARTY.txt'), licences(metafile));

/** The licence of every package that the bundles hold. Throws where a package ships none: then it may not be bundled. */
function licences(built: Metafile): string {
  const packages = new Set(
    Object.keys(built.inputs).flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
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
