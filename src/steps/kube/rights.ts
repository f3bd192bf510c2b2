import { type KubeArtifacts, kubeArtifactSchemas } from '../../core/kube-artifacts.ts';
import { defineKubeStep } from '../../core/step.ts';

/** Whatever else is gathered from a cluster. */
const OTHERS = (Object.keys(kubeArtifactSchemas) as (keyof KubeArtifacts)[]).filter((key) => key !== 'rights');

/** What the API allows. Listed after the steps that ask, and waits for them: each of their rights is asked once. */
export const rights = defineKubeStep({
  makes: 'rights',
  title: 'Asking for rights',
  needs: [],
  uses: OTHERS,
  rung: 'api',
  run: async ({ rights: ledger }) => ({ answers: await ledger.answers() }),
  summary: ({ answers }) => `${answers.filter(({ allowed }) => allowed === 'yes').length} of ${answers.length} allowed`,
});
