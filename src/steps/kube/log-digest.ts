import type { Logs } from '../../core/kube-artifacts.ts';
import type { LogDigests } from '../../core/log-artifact.ts';
import { defineKubeStep } from '../../core/step.ts';
import { LogDigester } from '../../logs/digest.ts';
import { LogFeed } from '../../logs/log-feed.ts';
import { digestSummary } from '../logs/digest-summary.ts';

type Log = Logs['logs'][number];

/** What the logs of containers say: of each its last life, then the one that runs. It asks nobody anything. */
export const logDigest = defineKubeStep({
  makes: 'log-digest',
  title: 'Reading what the logs say',
  needs: ['logs'],
  rung: 'local',
  run: async (_, { logs: { logs } }) => ({ programs: byContainer(logs).map(programOf) }),
  summary: digestSummary,
});

function byContainer(logs: readonly Log[]): Log[][] {
  const groups = new Map<string, Log[]>();
  for (const log of logs) {
    const name = `${log.pod}/${log.container}`;
    groups.set(name, [...(groups.get(name) ?? []), log]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => Number(b.previous) - Number(a.previous)));
}

function programOf(logs: readonly Log[]): LogDigests['programs'][number] {
  const digester = new LogDigester();
  const { pod, container } = logs[0]!;
  const sources = logs.map(({ previous, text, problem }) => {
    digester.nextLog();
    const reader = new LogFeed(digester);
    const bytes = pushText(reader, text);
    return { name: previous ? 'previous' : 'current', bytes, ...(problem === undefined ? {} : { problem }) };
  });
  return { pod, container, sources, digest: digester.finish() };
}

const PIECE_CHARACTERS = 2 ** 18;

function pushText(reader: LogFeed, text: string): number {
  let bytes = 0;
  for (let from = 0; from < text.length; from += PIECE_CHARACTERS) {
    const piece = Buffer.from(text.slice(from, from + PIECE_CHARACTERS));
    bytes += piece.length;
    reader.push(piece);
  }
  reader.end();
  return bytes;
}
