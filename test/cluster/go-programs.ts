import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from './go-toolchain.ts';
import { kept } from './kept.ts';
import { runProgram } from './run-program.ts';

const GO_MINUTES = 30;

/** A folder with kube-apiserver, kubelet and the others: links to one program that is all of them. */
export function kubernetes(): string {
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(readFileSync(source('kubernetes', 'go.mod'), 'utf8'))?.[1];
  const stamp = ['gitVersion', 'gitCommit', 'gitTreeState'].map((field, index) => {
    const value = [version, 'unknown', 'clean'][index];
    return `-X k8s.io/component-base/version.${field}=${value} -X k8s.io/client-go/pkg/version.${field}=${value}`;
  });
  const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];
  return built('kubernetes', stamp, (folder) => {
    for (const part of parts) symlinkSync('kubernetes', join(folder, part));
  });
}

/** A folder with the program metrics-server. */
export const metricsServer = (): string => built('metrics-server', [], () => {});

const source = (...path: string[]): string => join(import.meta.dirname, ...path);

/** Builds one of the Go modules beside this file, statically, without symbols. */
function built(name: string, linking: readonly string[], finish: (folder: string) => void): string {
  const files = ['go.mod', 'go.sum', 'main.go'];
  const inputs = files.map((file) => readFileSync(source(name, file), 'utf8'));
  return kept(name, [...inputs, ...linking], (draft) => {
    for (const file of files) copyFileSync(source(name, file), join(draft, file));
    const flags = ['-trimpath', '-mod=readonly', '-ldflags', ['-s', '-w', ...linking].join(' ')];
    runProgram(goProgram(), ['build', ...flags, '-o', name, '.'], {
      cwd: draft,
      env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOWORK: 'off' },
      timeoutMs: GO_MINUTES * 60_000,
    });
    finish(draft);
  });
}
