import { existsSync } from 'node:fs';

/** Why no cluster can be had on this machine; undefined: one can. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x86-64';
  if (process.getuid?.() !== 0) return 'that takes root';
  if (!existsSync('/usr/bin/apt-get')) return 'there is no apt-get (its node is made of packages of Debian)';
  return undefined;
}
