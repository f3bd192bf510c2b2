import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codename, fetchPackages, unpack } from '../interpreters/apt.ts';
import { kept } from './kept.ts';

const PACKAGES = ['etcd-server', 'containerd', 'runc', 'containernetworking-plugins', 'iptables', 'conntrack'];

/**
 * A folder with Debian's programs for the node, unpacked and not installed: this machine's packages stay as they are, and nothing
 * is started by their scripts. What they need is there too, unless this machine has it.
 */
export function nodePackages(): string {
  const release = codename();
  if (release === undefined) throw new Error('/etc/os-release names no release of Debian');
  return kept('node-packages', [release, ...PACKAGES], (draft) => {
    const files = fetchPackages(
      { release, architecture: 'amd64', packages: PACKAGES, besideInstalled: true },
      join(draft, 'apt'),
    );
    unpack(files, draft);
    rmSync(join(draft, 'apt'), { recursive: true });
    // Installed, these would be links that the package's script makes.
    mkdirSync(join(draft, 'links'));
    for (const name of [
      'iptables',
      'iptables-save',
      'iptables-restore',
      'ip6tables',
      'ip6tables-save',
      'ip6tables-restore',
    ]) {
      symlinkSync('../usr/sbin/xtables-nft-multi', join(draft, 'links', name));
    }
  });
}

/** The environment in which they find each other and what they need. */
export function nodeEnvironment(packages: string, kubernetes: string): NodeJS.ProcessEnv {
  const folders = ['links', 'usr/sbin', 'usr/bin', 'sbin', 'bin'].map((folder) => join(packages, folder));
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((folder) => join(packages, folder));
  return {
    PATH: [...folders, kubernetes, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    LD_LIBRARY_PATH: libraries.join(':'),
    XTABLES_LIBDIR: join(packages, 'usr/lib/x86_64-linux-gnu/xtables'),
    HOME: '/root',
    TZ: 'UTC',
  };
}
