import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { makeCertificates } from './certificates.ts';
import { type Component, components, type Programs } from './components.ts';
import { kubernetes, metricsServer } from './go-programs.ts';
import { images, pauseProgram } from './images.ts';
import { importImages } from './import-images.ts';
import { lock } from './lock.ts';
import {
  livingMachine,
  makeControlGroups,
  makeOwnFolders,
  runsOnMachine,
  startMachine,
  startOnMachine,
  stopMachine,
} from './machine.ts';
import { nodeEnvironment, nodePackages } from './node-packages.ts';
import { METRICS_API, manifest, metricsObjects } from './objects.ts';
import { inState, KUBECONFIG, KUBECTL, NODE, STATE } from './places.ts';
import type { ProcessRecord } from './processes.ts';
import { runProgram, succeeds } from './run-program.ts';
import { say, script } from './say.ts';
import { areSettings, writeSettings } from './settings.ts';
import { waitUntil } from './wait.ts';
import { whyNoCluster } from './why-no-cluster.ts';

/**
 * `npm run cluster:up`: a cluster of one node on this machine. Prints `export KUBECONFIG=…`, for the shell. Where one runs
 * already, what died of it is started again; where that does not help, a new one takes its place.
 */
async function up(): Promise<void> {
  const programs = { packages: nodePackages(), kubernetes: kubernetes(), metricsServer: metricsServer() };
  const archives = images();
  const machine = livingMachine();
  if (machine && isOurs(programs) && (await mended(machine, programs, archives))) return say('the cluster runs');
  await fresh(programs, archives);
  say('the cluster is ready');
}

/** What a cluster was started with: one of other programs, options or settings is replaced. */
const MADE_OF = inState('made-of.json');
const inputsOf = (programs: Programs): string => JSON.stringify(components(programs));
const isOurs = (programs: Programs): boolean =>
  existsSync(MADE_OF) && readFileSync(MADE_OF, 'utf8') === inputsOf(programs) && areSettings(programs.packages);

async function fresh(programs: Programs, archives: readonly string[]): Promise<void> {
  await stopMachine();
  mkdirSync(STATE, { recursive: true });
  chmodSync(STATE, 0o711);
  makeOwnFolders();
  makeControlGroups();
  symlinkSync(`${programs.kubernetes}/kubectl`, KUBECTL);
  makeCertificates();
  writeSettings(programs.packages);
  writeFileSync(MADE_OF, inputsOf(programs));
  const machine = await startMachine(pauseProgram());
  await furnish(machine, programs, archives);
}

/** Ten seconds are enough on a machine that has nothing else to do. */
const PATIENCE_MS = 180_000;

/** Starts what does not run, brings in the images and objects that are missing, and waits until all is well. */
async function furnish(machine: ProcessRecord, programs: Programs, archives: readonly string[]): Promise<void> {
  const all = components(programs);
  const environment = nodeEnvironment(programs.packages, programs.kubernetes);
  const start = (wanted: readonly Component[]) => {
    for (const { name, program, options } of wanted.filter(({ program }) => !runsOnMachine(machine, program))) {
      say(`starting ${name}`);
      startOnMachine(machine, name, [program, ...options], environment);
    }
  };
  // It ends at once where it has no rights, which come with the objects.
  start(all.filter(({ name }) => name !== 'metrics-server'));
  await importImages(machine, archives, environment);
  await waitUntil('API server', ready, PATIENCE_MS);
  if (!metricsOffered()) kubectl(['apply', '-f', '-'], manifest(metricsObjects()));
  const heal = () => {
    start(all);
    return healthy();
  };
  await waitUntil('healthy cluster', heal, PATIENCE_MS, 500);
}

/** Whether a cluster that runs is well, after starting again what does not run. */
async function mended(machine: ProcessRecord, programs: Programs, archives: readonly string[]): Promise<boolean> {
  try {
    await furnish(machine, programs, archives);
    return true;
  } catch (thrown) {
    say(`${thrown}; it is replaced by a new one`);
    return false;
  }
}

const ready = (): boolean => succeeds(KUBECTL, ['--kubeconfig', KUBECONFIG, 'get', '--raw', '/readyz']);

const metricsOffered = (): boolean => succeeds(KUBECTL, ['--kubeconfig', KUBECONFIG, 'get', 'apiservice', METRICS_API]);

/** The node is Ready and its kubelet answers now, pods can be made in `default`, and the metrics API answers. */
function healthy(): boolean {
  kubectl(['get', 'serviceaccount', 'default']);
  const [node, metrics, kubelet] = [
    kubectl(['get', 'node', NODE, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']),
    kubectl(['get', 'apiservice', METRICS_API, '-o', 'jsonpath={.status.conditions[0].status}']),
    kubectl(['get', '--raw', `/api/v1/nodes/${NODE}/proxy/healthz`]),
  ];
  return node === 'True' && metrics === 'True' && kubelet === 'ok';
}

const kubectl = (options: readonly string[], input = ''): string =>
  runProgram(KUBECTL, ['--kubeconfig', KUBECONFIG, ...options], { input, timeoutMs: 20_000 });

await script(async () => {
  const why = whyNoCluster();
  if (why !== undefined) throw new Error(`no cluster can be had here: ${why}`);
  await lock();
  await up();
  console.log(`export KUBECONFIG=${KUBECONFIG}`);
});
