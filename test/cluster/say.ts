const began = performance.now();

/** Tells a person what goes on. On stderr: stdout is for the shell (`eval "$(npm run -s cluster:up)"`). */
export function say(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`[${seconds.padStart(5)} s] ${text}\n`);
}
