import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What it takes besides Node, by the Debian package that has it. */
const NEEDED = {
  'apt-get': 'apt',
  cc: 'build-essential',
  go: 'golang-go',
  ip: 'iproute2',
  nsenter: 'util-linux',
  openssl: 'openssl',
  unshare: 'util-linux',
};

/** Why no cluster can be had on this machine; undefined: one can. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x86-64';
  if (process.getuid?.() !== 0) return 'that takes root';
  const missing = Object.entries(NEEDED).filter(([program]) => !isOnPath(program));
  return missing.length === 0
    ? undefined
    : `missing on the PATH: ${missing.map(([program, from]) => `${program} (Debian: ${from})`).join(', ')}`;
}

const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
