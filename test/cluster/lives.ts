import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { KUBECONFIG, KUBECTL } from './places.ts';
import { waitUntil } from './wait.ts';

/** A life of a container as the API told of its end, in whole seconds. */
export interface Life {
  readonly reason: string;
  readonly exitCode: number;
  readonly startedAtUnixSeconds: number;
  readonly finishedAtUnixSeconds: number;
}

export interface Lives {
  /** The first life, of the first container of the pod with this label `app`, that ended after a time. */
  endedAfter(app: string, unixSeconds: number): Promise<Ended>;
}
interface Ended {
  readonly pod: string;
  readonly life: Life;
}

const END = (place: string) =>
  ['reason', 'exitCode', 'startedAt', 'finishedAt'].map((field) => `{..${place}.terminated.${field}}{"|"}`).join('');
const LINE = `{.metadata.labels.app}{"|"}{.metadata.name}{"|"}${END('state')}${END('lastState')}{"\\n"}`;

/** Follows all pods of a namespace by one `kubectl get --watch`, until the test has finished. */
export function followLives(namespace: string): Lives {
  const seen = new Map<string, Ended>();
  const options = ['get', 'pods', '--namespace', namespace, '--watch', '--output', `jsonpath=${LINE}`];
  const watching: ChildProcessByStdio<null, Readable, Readable> = spawn(KUBECTL, options, {
    env: { ...process.env, KUBECONFIG },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void watching.kill());
  createInterface(watching.stdout).on('line', (line) => {
    const [app = '', pod = '', ...ends] = line.split('|');
    for (const end of [ends.slice(0, 4), ends.slice(4, 8)]) {
      const life = lifeOf(end);
      if (life) seen.set(`${app}/${life.startedAtUnixSeconds}`, { pod, life });
    }
  });
  const inOrder = (app: string) =>
    [...seen]
      .flatMap(([key, each]) => (key.startsWith(`${app}/`) ? [each] : []))
      .sort((a, b) => a.life.finishedAtUnixSeconds - b.life.finishedAtUnixSeconds);
  return {
    endedAfter(app, unixSeconds) {
      const look = () => inOrder(app).find(({ life }) => life.finishedAtUnixSeconds >= unixSeconds);
      return waitUntil(`end of a life of ${app}`, look, 120_000, 200);
    },
  };
}

function lifeOf([reason, exitCode, startedAt = '', finishedAt = '']: readonly string[]): Life | undefined {
  if (!reason) return undefined;
  const [started, finished] = [startedAt, finishedAt].map((at) => Date.parse(at) / 1000);
  return { reason, exitCode: Number(exitCode), startedAtUnixSeconds: started!, finishedAtUnixSeconds: finished! };
}
