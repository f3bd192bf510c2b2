const began = performance.now();

/** Tells a person what goes on. On stderr: stdout is for the shell (`eval "$(npm run -s cluster:up)"`). */
export function say(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`[${seconds.padStart(5)} s] ${text}\n`);
}

/** Runs a script: what it throws becomes one line and the exit code 1. */
export async function script(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    say(`!!! ${thrown instanceof Error ? thrown.message : String(thrown)} !!!`);
    process.exitCode = 1;
  }
}
