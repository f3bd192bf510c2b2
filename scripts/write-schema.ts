import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { reportSchema } from '../src/core/report.ts';

/** Where the JSON Schema lies that the package ships. */
export const schemaFile = new URL('../schema/report-v1.schema.json', import.meta.url);

/**
 * The JSON Schema of the report, as it is written to the file.
 * Made for readers of reports, so fields that it does not know are allowed (`io: 'input'`): later versions add some.
 */
export function schemaText(): string {
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-2020-12', io: 'input' });
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:whyoom:report:1',
    title: 'whyoom report, version 1',
    description:
      'What whyoom says about the memory of one target. Times are ISO 8601 in UTC, sizes are bytes; what is estimated ' +
      'has value, low, high and level. Absent means unknown; "unknown" says why. Fields may be added, none will change.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(schemaFile, schemaText());
