import { type LogDigests, logDigestSchema } from '../../../src/core/log-artifact.ts';
import { LogDigester } from '../../../src/logs/digest.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';

/** What is gathered of a log with these lines, as detectors get it: through JSON and its schema. */
export function logOf(...lines: readonly string[]): { 'log-digest': LogDigests } {
  const digester = new LogDigester();
  const reader = new LogReader((line) => digester.add(line));
  reader.push(Buffer.from(`${lines.join('\n')}\n`));
  reader.end();
  const programs = [{ sources: [{ name: 'app.log', bytes: 1 }], digest: digester.finish() }];
  return { 'log-digest': logDigestSchema.parse(JSON.parse(JSON.stringify({ programs }))) };
}
