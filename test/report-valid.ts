import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { SCHEMAS } from '../scripts/write-schema.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMAS.report.file, 'utf8')));

/** Fails unless the report obeys the JSON Schema that the package ships. Takes anything that JSON can say. */
export function expectValidReport(report: unknown): void {
  // What a script gets is the JSON: a field that is `undefined` is not there.
  validate(JSON.parse(JSON.stringify(report)));
  expect(validate.errors ?? []).toEqual([]);
}
