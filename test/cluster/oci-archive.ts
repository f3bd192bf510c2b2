import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** What an image says of itself besides its files. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
}

/**
 * Writes a folder as an image of one layer: an archive in the OCI image layout
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), as `ctr images import` takes it.
 * `draft` is a folder for what is made on the way.
 */
export function writeArchive(name: string, root: string, config: ImageConfig, file: string, draft: string): void {
  const blobs = join(draft, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const layer = addLayer(root, blobs, draft);
  const image = addJson(blobs, {
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'test/cluster/images.ts' }],
  });
  const type = (part: string) => `application/vnd.oci.image.${part}`;
  const whole = addJson(blobs, {
    schemaVersion: 2,
    mediaType: type('manifest.v1+json'),
    config: { mediaType: type('config.v1+json'), ...image },
    layers: [{ mediaType: type('layer.v1.tar'), ...layer }],
  });
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':')[1]! };
  const index = {
    schemaVersion: 2,
    mediaType: type('index.v1+json'),
    manifests: [
      { mediaType: type('manifest.v1+json'), ...whole, platform: { architecture: 'amd64', os: 'linux' }, annotations },
    ],
  };
  writeFileSync(join(draft, 'index.json'), JSON.stringify(index));
  writeFileSync(join(draft, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  runProgram('tar', ['--create', '--file', file, '--directory', draft, 'blobs', 'index.json', 'oci-layout']);
  for (const made of ['blobs', 'index.json', 'oci-layout']) rmSync(join(draft, made), { recursive: true });
}

interface Blob {
  digest: string;
  size: number;
}

function addLayer(root: string, blobs: string, draft: string): Blob {
  const tar = join(draft, 'layer.tar');
  // Owners as numbers: the image has its own names for them.
  runProgram('tar', ['--create', '--numeric-owner', '--sort=name', '--file', tar, '--directory', root, '.']);
  const sha256 = hashOf(tar);
  renameSync(tar, join(blobs, sha256));
  return { digest: `sha256:${sha256}`, size: statSync(join(blobs, sha256)).size };
}

function addJson(blobs: string, value: object): Blob {
  const text = JSON.stringify(value);
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(blobs, sha256), text);
  return { digest: `sha256:${sha256}`, size: Buffer.byteLength(text) };
}

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(2 ** 20);
  const descriptor = openSync(file, 'r');
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
