import { createLogPort } from '../../src/sources/log-file/index.ts';
import { readLogs } from '../../src/steps/logs/log-digest.ts';

/** Reads a log as `whyoom --logs` does, and prints what it cost. */
const started = performance.now();
const context = {
  logs: createLogPort(),
  files: [process.argv[2]!],
  interrupted: new AbortController().signal,
  note: () => {},
};
const { programs } = await readLogs(context);
const { user, system } = process.cpuUsage();
const { digest } = programs[0]!;
const told = {
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (user + system) / 1e6,
  maxRssBytes: process.resourceUsage().maxRSS * 1024,
  lines: digest.lines,
  templates: digest.templates.length,
  series: digest.series.length,
};
process.stdout.write(JSON.stringify(told));
