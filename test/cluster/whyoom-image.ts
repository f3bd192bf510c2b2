import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackages, unpack } from '../interpreters/apt.ts';
import { importImages } from './import-images.ts';
import { kept } from './kept.ts';
import { livingMachine } from './machine.ts';
import { nodeEnvironment, nodePackages } from './node-packages.ts';
import { writeArchive } from './oci-archive.ts';
import { runProgram } from './run-program.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What of the package is run (package.json, `files`). */
const PARTS = ['bin', 'dist', 'schema', 'package.json'];

/** Builds whyoom, puts it into an image with the Node that runs the tests, and the image onto the node. Returns its name. */
export async function whyoomImage(): Promise<string> {
  const name = 'whyoom.test/whyoom:1';
  const machine = livingMachine();
  if (!machine) throw new Error('the cluster does not run');
  const draft = mkdtempSync(join(tmpdir(), 'whyoom-image-'));
  try {
    const root = join(draft, 'root');
    cpSync(systemRoot(), root, { recursive: true, verbatimSymlinks: true });
    runProgram(process.execPath, [join(ROOT, 'scripts/build.ts')]);
    const to = join(root, 'opt/whyoom');
    for (const part of PARTS) cpSync(join(ROOT, part), join(to, part), { recursive: true });
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
    const config = { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Entrypoint: ['node', '/opt/whyoom/bin/whyoom.js'] };
    const file = join(draft, 'image.tar');
    writeArchive(name, root, config, file, draft);
    await importImages(machine, [file], nodeEnvironment(nodePackages(), ''));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return name;
}

/** The libraries that Node's own builds are linked with. */
function systemRoot(): string {
  const contents = {
    release: 'bookworm',
    architecture: 'amd64',
    packages: ['libstdc++6', 'base-files', 'dash'],
  } as const;
  const folder = kept('image-node-libraries', [JSON.stringify(contents)], (draft) => {
    unpack(fetchPackages(contents, join(draft, 'apt')), join(draft, 'root'));
    rmSync(join(draft, 'apt'), { recursive: true });
  });
  return join(folder, 'root');
}
