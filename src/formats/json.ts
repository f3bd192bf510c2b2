import type { Format } from '../core/format.ts';
import { visibleJson } from '../util/text-escape.ts';

/** The report itself, whole. Read by scripts, and safe to print: what could move a cursor is escaped the JSON way. */
export const json: Format = {
  id: 'json',
  render: (report) => `${visibleJson(JSON.stringify(report, null, 2))}\n`,
};
