import { defineKubeStep } from '../../core/step.ts';

/** What the API allows. Listed after the steps that ask, and waits for them: each of their rights is asked once. */
export const rights = defineKubeStep({
  makes: 'rights',
  title: 'Asking for rights',
  needs: [],
  uses: [
    'pods',
    'pods-later',
    'events',
    'limit-ranges',
    'nodes',
    'rollout',
    'pod-metrics',
    'node-stats',
    'prometheus',
    'logs',
  ],
  rung: 'api',
  run: async ({ rights: ledger }) => ({ answers: await ledger.answers() }),
  summary: ({ answers }) => `${answers.filter(({ allowed }) => allowed === 'yes').length} of ${answers.length} allowed`,
});
