import type { Condition } from '../../core/kube-artifacts.ts';
import { redact } from '../../logs/redact.ts';
import { fieldsOf, listOf, secondsOf, textOf } from './fields.ts';

const MOST_CONDITIONS = 100;
const MESSAGE_CHARACTERS = 4096;

/** The conditions of a pod or a node (`status.conditions`); what has no type is left out. */
export const conditionsOf = (value: unknown): Condition[] =>
  listOf(value)
    .slice(0, MOST_CONDITIONS)
    .flatMap((each) => conditionOf(each) ?? []);

function conditionOf(value: unknown): Condition | undefined {
  const condition = fieldsOf(value);
  const type = textOf(condition.type);
  if (type === undefined) return undefined;
  const [reason, message] = [textOf(condition.reason), textOf(condition.message, MESSAGE_CHARACTERS)];
  const at = secondsOf(condition.lastTransitionTime);
  return {
    type,
    status: textOf(condition.status) ?? 'Unknown',
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: redact(message).text }),
    ...(at === undefined ? {} : { atUnixSeconds: at }),
  };
}
