import { readFileSync } from 'node:fs';

/** In the command line of the launcher below, for as long as it has not become the program. */
export const LAUNCHER_MARK = 'whyoom: PR_SET_PTRACER';

/**
 * Where Yama lets only ancestors trace (Ubuntu's default), a process can let any process of its user trace it: prctl with
 * PR_SET_PTRACER, which holds across exec (kernel: admin-guide/LSM/Yama, security/yama/yama_lsm.c).
 */
const LAUNCHER = `# ${LAUNCHER_MARK}
import os, sys
try:
    import ctypes
    ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)
except Exception:
    pass
os.execv(sys.argv[1], sys.argv[1:])`;

/** The Python command such that whyoom may read it, which is not its ancestor. `scope` is Yama's ptrace_scope. */
export function traceable([python, ...argv]: readonly string[], scope = yamaScope()): readonly string[] {
  return scope === '1' ? [python!, '-I', '-c', LAUNCHER, python!, ...argv] : [python!, ...argv];
}

function yamaScope(): string {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
  } catch {
    return '0';
  }
}
