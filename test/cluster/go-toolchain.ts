import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kept } from './kept.ts';
import { runProgram } from './run-program.ts';

/** The version that the modules beside this file ask for at most, as the Go project publishes it as a module. */
const TOOLCHAIN = 'golang.org/toolchain@v0.0.1-go1.26.4.linux-amd64';
/** From here on `go` fetches a later one by itself (https://go.dev/doc/toolchain). */
const SWITCHES_FROM = 21;

/**
 * The program `go`. A machine's own that is too old to fetch a later one (Debian bookworm has 1.19) fetches that as it
 * would any module, which leaves its programs without the right to be run.
 */
export function goProgram(): string {
  const [, minor] = /go1\.(\d+)/.exec(runProgram('go', ['version'])) ?? [];
  if (Number(minor) >= SWITCHES_FROM) return 'go';
  const folder = kept('go-toolchain', [TOOLCHAIN], (draft) => {
    const env = { ...process.env, GOPATH: draft, GOFLAGS: '-modcacherw' };
    runProgram('go', ['mod', 'download', TOOLCHAIN], { cwd: draft, env, timeoutMs: 600_000 });
    const go = join(draft, 'pkg/mod', TOOLCHAIN);
    for (const programs of [join(go, 'bin'), join(go, 'pkg/tool/linux_amd64')])
      for (const name of readdirSync(programs)) chmodSync(join(programs, name), 0o755);
  });
  return join(folder, 'pkg/mod', TOOLCHAIN, 'bin/go');
}
