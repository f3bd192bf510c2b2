import { readFileSync } from 'node:fs';
import type { Template } from '../../src/logs/template-tree.ts';
import { TemplateMiner } from '../../src/logs/templates.ts';

/** Puts the lines of a file into templates, and prints which and what it cost. */
const messages = readFileSync(process.argv[2]!, 'utf8').split('\n');
const before = process.cpuUsage();
const miner = new TemplateMiner();
const slots = new Int32Array(messages.length);
for (let at = 0; at < messages.length; at++) slots[at] = miner.read(messages[at]!);
const { user, system } = process.cpuUsage(before);
const numbers = new Map<Template, number>();
const groups = Array.from(slots, (slot) => {
  const template = miner.templateOf(slot);
  if (!numbers.has(template)) numbers.set(template, numbers.size);
  return numbers.get(template)!;
});
process.stdout.write(JSON.stringify({ groups, cpuSeconds: (user + system) / 1e6 }));
