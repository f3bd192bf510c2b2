import { createHash } from 'node:crypto';
import { z } from 'zod';
import { artifactSchemas, KEYS, type Key } from './artifacts.ts';
import { joinLogs, splitLogs } from './case-logs.ts';
import { type Outcome, PROBLEM_CODES, ProblemError } from './problem.ts';
import { type Report, reportSchema } from './report.ts';
import type { Gathered, StepOptions } from './step.ts';

/** What was gathered, once: judged live, saved, and judged again anywhere with the same result. */
export interface Case extends Gathered {
  readonly version: 1;
  /** The version of whyoom that gathered. */
  readonly tool: string;
  /** When the gathering ended, ISO 8601 in UTC. */
  readonly collectedAt: string;
  readonly target: Report['target'];
  readonly options: StepOptions;
}

/** A saved case: file names and their contents. */
export type CaseFiles = ReadonlyMap<string, string>;

export const MANIFEST = 'case.json';
/** The most that one file of a case may hold. Real ones are a few megabytes; a watch of 24 hours may come near it. */
export const MOST_FILE_BYTES = 64 * 1024 * 1024;
/** From here on an artifact is written without line breaks, which are half of a long series. */
const LARGE_CHARACTERS = 8 * 1024 * 1024;
const FORMAT = 'whyoom-case';

const problem = z.object({ code: z.enum(PROBLEM_CODES), message: z.string(), hint: z.string().optional() });
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  tool: z.string(),
  collectedAt: z.iso.datetime(),
  target: reportSchema.shape.target,
  options: z.object({ watchMs: z.number(), maxPauseMs: z.number() }),
  steps: z.array(
    z.object({
      key: z.enum(KEYS as [Key, ...Key[]]),
      rung: z.enum(['local', 'api', 'exec', 'attach']),
      note: z.string().optional(),
      ms: z.number().nonnegative(),
      problem: problem.optional(),
      root: z.string().optional(),
    }),
  ),
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The files of a case: a manifest, one JSON file for each artifact that was gathered, and the texts of logs. */
export function encodeCase(whole: Case): CaseFiles {
  const { logs, ...others } = whole.outcomes;
  const split = logs?.ok ? splitLogs(logs.value) : undefined;
  const artifacts = KEYS.flatMap((key): [string, string][] => {
    const outcome = key === 'logs' ? split && { ok: true, value: split.index } : others[key];
    return outcome?.ok ? [[fileOf(key), artifactText(outcome.value)]] : [];
  });
  const files = [...artifacts, ...(split?.files ?? [])];
  return new Map([[MANIFEST, json(manifestOf(whole, files))], ...files]);
}

/** Reads a manifest that may come from anywhere. Throws a ProblemError that says what is wrong with it. */
export function decodeManifest(text: string): Manifest {
  const read = parse(MANIFEST, text);
  const seen = z.object({ format: z.string(), version: z.number(), tool: z.string().optional() }).safeParse(read);
  if (!seen.success || seen.data.format !== FORMAT) throw notACase(`its ${MANIFEST} is not one of whyoom's`);
  if (seen.data.version > 1) {
    const madeBy = seen.data.tool ? ` (made by whyoom ${seen.data.tool})` : '';
    throw new ProblemError(
      'unsupported',
      `This case is of a newer format, version ${seen.data.version}${madeBy}.`,
      'Open it with that version of whyoom, or a later one.',
    );
  }
  return validated(MANIFEST, manifestSchema, read);
}

/** The case behind a manifest and the contents of the files that it names. Throws a ProblemError. */
export function decodeCase(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>): Case {
  const { tool, collectedAt, target, options } = manifest;
  const outcomes = Object.fromEntries(manifest.steps.map((step) => [step.key, outcomeOf(step, manifest, files)]));
  const steps = manifest.steps.map(({ key, rung, note }) => (note === undefined ? { key, rung } : { key, rung, note }));
  return { version: 1, tool, collectedAt, target, options, outcomes, steps };
}

/** The name of the file that holds an artifact. */
export const fileOf = (key: Key): string => `${key}.json`;

function manifestOf(whole: Case, files: readonly (readonly [string, string])[]): Manifest {
  const { tool, collectedAt, target, options, outcomes } = whole;
  return {
    format: FORMAT,
    version: 1,
    tool,
    collectedAt,
    target,
    options: { watchMs: options.watchMs, maxPauseMs: options.maxPauseMs },
    steps: whole.steps.map((step) => ({ ...step, ...toldOf(outcomes[step.key]) })),
    files: Object.fromEntries(
      files.map(([name, text]) => [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }]),
    ),
  };
}

function toldOf(outcome: Outcome<unknown> | undefined): Pick<Manifest['steps'][number], 'ms' | 'problem' | 'root'> {
  if (!outcome) return { ms: 0, problem: { code: 'absent', message: 'not gathered' } };
  if (outcome.ok) return { ms: outcome.ms };
  const { ms, root } = outcome;
  const told = { ...outcome.problem, message: outcome.problem.message };
  return { ms, problem: told, ...(root === undefined ? {} : { root }) };
}

function outcomeOf(
  { key, ms, problem, root }: Manifest['steps'][number],
  manifest: Manifest,
  files: ReadonlyMap<string, Uint8Array>,
): Outcome<unknown> {
  if (problem) return { ok: false, ms, problem, ...(root === undefined ? {} : { root }) };
  const name = fileOf(key);
  const contentOf = (file: string) => checked(file, manifest.files[file], files.get(file));
  const read = parse(name, contentOf(name));
  const whole = key === 'logs' ? joinLogs(read, contentOf) : read;
  return { ok: true, ms, value: validated<unknown>(name, artifactSchemas[key], whole) };
}

function checked(name: string, said: Manifest['files'][string] | undefined, content: Uint8Array | undefined): string {
  if (!said || !content) throw damaged(`${name} is missing`);
  if (content.length !== said.bytes) throw damaged(`${name} has ${content.length} bytes of ${said.bytes}`);
  if (sha256(content) !== said.sha256) throw damaged(`${name} was changed since it was saved`);
  return Buffer.from(content).toString('utf8');
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(`${name} is not JSON`);
  }
}

function validated<T>(name: string, schema: z.ZodType<T>, read: unknown): T {
  const result = schema.safeParse(read);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw damaged(`${name} does not fit: ${issue?.path.join('.') || 'top'}: ${issue?.message}`);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
function artifactText(value: unknown): string {
  const text = json(value);
  return text.length > LARGE_CHARACTERS ? `${JSON.stringify(value)}\n` : text;
}
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export const notACase = (why: string): ProblemError =>
  new ProblemError('absent', `This is not a saved case: ${why}.`, 'Save one with: whyoom --pid PID --save DIR');

const damaged = (why: string): ProblemError =>
  new ProblemError('broken', `The case is damaged: ${why}.`, 'Copy the whole folder again from where it was saved.');
