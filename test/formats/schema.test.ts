import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaFile, schemaText } from '../../scripts/write-schema.ts';

test('the committed JSON Schema is the one that src/core/report.ts makes (else: npm run schema)', () => {
  expect(readFileSync(schemaFile, 'utf8')).toBe(schemaText());
});
