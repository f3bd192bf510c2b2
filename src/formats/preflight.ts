import { stringify } from 'yaml';
import { grants, missingRules, type Preflight, type PreflightRow } from '../core/preflight.ts';
import { ruleText } from '../core/rights.ts';
import { type Column, tableLines } from '../util/table.ts';
import { visible } from '../util/text-escape.ts';

const COLUMNS: readonly Column[] = ['rung', 'may', 'right', 'for'].map((title) => ({ title, align: 'left' }));

const SAYS: Readonly<Record<PreflightRow['allowed'], string>> = { yes: 'yes', no: 'NO', unknown: 'not said' };

/** Each right that a step would use, by how far it goes, and what to grant for those that are missing. */
export function preflightText(preflight: Preflight): string {
  const { target, user, rows } = preflight;
  const who = user === undefined ? '' : ` as ${visible(user)}`;
  const shown = rows.map(({ rung, step, rule, allowed }) => [rung, SAYS[allowed], visible(ruleText(rule)), step]);
  const missing = missingRules(preflight);
  const end =
    missing.length === 0
      ? 'Nothing is missing.'
      : `To allow what is missing, somebody who may grant it runs: kubectl apply -f - <<'EOF'\n${grantsText(preflight)}EOF`;
  return `Rights for ${visible(target)}${who}\n\n${tableLines(COLUMNS, shown).join('\n')}\n\n${end}\n`;
}

/** The objects to apply, as YAML, and nothing else. */
export function grantsText(preflight: Preflight): string {
  const objects = grants(missingRules(preflight), preflight.user ?? 'USER');
  return objects.map((object) => `---\n${stringify(object)}`).join('');
}
