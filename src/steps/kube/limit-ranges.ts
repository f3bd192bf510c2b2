import { defineKubeStep } from '../../core/step.ts';

/** What the namespace gives to containers that ask for nothing, and the most that they may ask for. */
export const limitRanges = defineKubeStep({
  makes: 'limit-ranges',
  title: 'Reading the limit ranges',
  needs: ['pods'],
  rung: 'api',
  rights: ({ kube: { namespace } }) => [{ verb: 'list', group: '', resource: 'limitranges', namespace }],
  run: async ({ kube }) => ({ ranges: await kube.limitRanges() }),
  summary: ({ ranges }) => (ranges.length === 0 ? 'none' : ranges.map(({ name }) => name).join(', ')),
});
