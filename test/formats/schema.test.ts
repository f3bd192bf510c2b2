import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCHEMAS } from '../../scripts/write-schema.ts';

test.each(Object.entries(SCHEMAS))(
  'the committed JSON Schema of the %s is the one that src/core makes (else: npm run schema)',
  (_, { file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text());
  },
);
