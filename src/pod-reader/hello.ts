import { z } from 'zod';
import { HeapError } from '../heap/heap-error.ts';
import { expectEnd } from './answers.ts';
import { broken, FRAME, type Frame, PROTOCOL_VERSION } from './protocol.ts';

const bytes = z.number().int().nonnegative();

const helloSchema = z.object({
  /** Of the protocol. */
  version: z.number().int(),
  /** Of the interpreter that runs the reader: "3.9.18". */
  python: z.string().max(40),
  pid: z.number().int().positive(),
  uid: z.number().int().nonnegative(),
  pageBytes: z.number().int().positive(),
  /** The reader's own control group, where it has a limit: what can be taken before the kernel kills. */
  headroom: z.object({ bytes: z.number().int(), limitBytes: bytes, usageBytes: bytes, fileBytes: bytes }).optional(),
  /** Less than was asked for: the reader has left, and nothing was read. */
  left: z.boolean(),
  /** Whether a process can be stopped at all: the module that calls the kernel is there. Another matter is whether this is allowed. */
  canStop: z.boolean(),
  /** kernel.yama.ptrace_scope; absent: no Yama. */
  yama: z.number().int().optional(),
  /** Effective capabilities, as in /proc/self/status. */
  capabilities: z
    .string()
    .regex(/^[0-9a-f]{1,16}$/)
    .optional(),
});

/** What the reader says of itself, before anything is asked. */
export type Hello = z.infer<typeof helloSchema>;

/** Throws HeapError: `broken` for what is none, `unsupported` for that of another version. */
export function decodeHello(frame: Frame): Hello {
  if (frame.kind !== FRAME.hello) {
    expectEnd(frame);
    throw broken('no greeting');
  }
  const parsed = helloSchema.safeParse(jsonOf(frame.payload));
  if (!parsed.success) throw broken('a greeting that makes no sense');
  if (parsed.data.version !== PROTOCOL_VERSION) {
    throw new HeapError(
      'unsupported',
      `The reader in the container speaks version ${parsed.data.version}, and this whyoom ${PROTOCOL_VERSION}.`,
      'Use one version of whyoom.',
    );
  }
  return parsed.data;
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}
