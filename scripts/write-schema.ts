import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { heapReportSchema } from '../src/core/heap-report.ts';
import { reportSchema } from '../src/core/report.ts';
import { stacksReportSchema } from '../src/core/stacks-report.ts';

/** The JSON Schemas that the package ships, as they are written to their files. */
export const SCHEMAS = {
  report: {
    file: new URL('../schema/report-v1.schema.json', import.meta.url),
    text: () =>
      schemaText(reportSchema, {
        $id: 'urn:whyoom:report:1',
        title: 'whyoom report, version 1',
        description:
          'What whyoom says about the memory of one target. Times are ISO 8601 in UTC, sizes are bytes; what is estimated ' +
          'has value, low, high and level. Absent means unknown; "unknown" says why. Fields may be added, none will change.',
      }),
  },
  heap: {
    file: new URL('../schema/heap-v1.schema.json', import.meta.url),
    text: () =>
      schemaText(heapReportSchema, {
        $id: 'urn:whyoom:heap:1',
        title: 'whyoom heap, version 1',
        description:
          'What `whyoom heap -o json` says of one look at a heap. Times are ISO 8601 in UTC, sizes are bytes. Absent means ' +
          'unknown, or not asked for. Fields may be added, none will change.',
      }),
  },
  stacks: {
    file: new URL('../schema/stacks-v1.schema.json', import.meta.url),
    text: () =>
      schemaText(stacksReportSchema, {
        $id: 'urn:whyoom:stacks:1',
        title: 'whyoom stacks, version 1',
        description:
          'What `whyoom stacks -o json` says of the threads and tasks of Python processes. Times are ISO 8601 in UTC. Absent ' +
          'means unknown. Fields may be added, none will change.',
      }),
  },
} as const;

/** Made for readers, so fields that the schema does not know are allowed (`io: 'input'`): later versions add some. */
function schemaText(schema: z.ZodType, head: { $id: string; title: string; description: string }): string {
  const body = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...head, ...body }, null, 2)}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const { file, text } of Object.values(SCHEMAS)) writeFileSync(file, text());
}
