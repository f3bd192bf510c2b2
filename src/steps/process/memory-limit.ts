import { defineProcessStep } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';
import { watchedPid } from './processes.ts';

/** The limit that will be met first, and the measure that runs into it. */
export const memoryLimit = defineProcessStep({
  makes: 'memory-limit',
  title: 'Reading the memory limit',
  needs: ['processes'],
  rung: 'local',
  run: (context, { processes }) => context.processes.memoryLimit(watchedPid(processes)),
  summary: ({ limit }) => (limit ? bytesText(limit.bytes) : 'no limit'),
});
