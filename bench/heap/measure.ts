import { type Environment, makePackages, pythonIn, sourcesIn, versionOf } from './environment.ts';
import type { Options } from './options.ts';
import { measurePeer, type PeerResult } from './peers.ts';
import { PythonProgram } from './python-program.ts';
import type { Target } from './targets.ts';
import { type WhyoomRound, whyoomRound } from './whyoom-round.ts';

/** Everything measured of one program. */
export interface Measured {
  readonly target: Target;
  readonly python: string;
  readonly rounds: readonly WhyoomRound[];
  readonly peers: readonly PeerResult[];
}

/** Runs a program, looks at it in turns with all tools, and ends it. `tell` is given a line for each step. */
export async function measure(
  target: Target,
  options: Options,
  python: string,
  tell: (line: string) => void,
): Promise<Measured> {
  const environment = await environmentFor(target, options, python);
  const program = new PythonProgram(environment.python, [target.script, ...target.args], {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    WHYOOM_BENCH_SOURCES: environment.sources,
  });
  try {
    await program.answer();
    const rounds: WhyoomRound[] = [];
    const peers: PeerResult[] = [];
    for (let turn = 0; turn < Math.max(options.rounds, options.peers.length); turn += 1) {
      if (turn < options.rounds) {
        rounds.push(await whyoomRound(program.pid));
        tell(`${target.name}: round ${turn + 1} of ${options.rounds}`);
      }
      const peer = options.peers[turn];
      if (peer === undefined) continue;
      peers.push(await measurePeer(peer, program, environment, options.peerSeconds * 1000));
      tell(`${target.name}: ${peer}`);
    }
    return { target, python: environment.version, rounds, peers };
  } finally {
    await program.end();
  }
}

async function environmentFor(target: Target, options: Options, python: string): Promise<Environment> {
  const needsPackages = target.needsPackages || options.peers.length > 0;
  const folder = needsPackages ? await makePackages(python) : undefined;
  const used = folder === undefined ? python : pythonIn(folder);
  const sources = folder === undefined ? undefined : sourcesIn(folder);
  return { python: used, version: versionOf(used), sources, pyheap: options.pyheap };
}
