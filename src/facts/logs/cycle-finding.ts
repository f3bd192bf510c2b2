import type { Finding } from '../../core/report.ts';
import type { CollectorActivity } from '../../logs/tables/collector-activity.ts';
import { plural } from '../amounts.ts';
import type { LogFacts } from './log-facts.ts';

type Found = Omit<Finding, 'cause'>;

/** So few in `gc.garbage` keep nothing that matters. */
const FEWEST_GARBAGE = 100;

/** Cycles that wait, by what the log tells of the collector. Cycles alone are no leak: it must be off, or unable to free them. */
export function cycleFindings({ program, judged, showLines }: LogFacts): Found[] {
  const collector = program.digest.tables?.collector;
  if (collector === undefined || judged.memory?.does === 'stand-still') return [];
  const grows = judged.memory?.does === 'grow';
  return [switchedOff(collector, grows, showLines), piledUp(collector, grows, showLines)].flatMap((each) => each ?? []);
}

function switchedOff(
  { enabled, wasDisabled, wasFrozen }: CollectorActivity,
  grows: boolean,
  showLines: LogFacts['showLines'],
): Found | undefined {
  // It was off, and is on again: what waited is freed.
  if (enabled === true || (enabled === undefined && !wasDisabled)) return undefined;
  return {
    confidence: { level: grows ? 'medium' : 'low', value: null, basis: 'rule' },
    summary: `The log says that the garbage collector is off${grows ? ', and memory grows' : ''}: objects that refer to each other are never freed.`,
    places: [],
    evidence: [
      {
        says: `the log says that automatic collection is off${wasFrozen ? ', and that gc.freeze() was called' : ''}; no later line says that it is on`,
        from: 'log-digest',
        reproduce: showLines('gc'),
      },
    ],
    fix: {
      summary: 'switch the collector on again (gc.enable()), or collect at a moment that suits (gc.collect()).',
      advice: [
        'If it is off to save time, gc.set_threshold(50_000) costs little and still frees cycles.',
        'Or leave no cycles: weakref for the way back, as from a child to its parent.',
      ],
    },
  };
}

/** What the collector keeps in `gc.garbage`, as `DEBUG_SAVEALL` makes it, or objects that it cannot free. */
function piledUp(
  { garbage, uncollectable, types }: CollectorActivity,
  grows: boolean,
  showLines: LogFacts['showLines'],
): Found | undefined {
  const kept = garbage && garbage.last > garbage.first && garbage.last >= FEWEST_GARBAGE ? garbage : undefined;
  if (kept === undefined && uncollectable < FEWEST_GARBAGE) return undefined;
  const [type] = types;
  const says = kept
    ? `gc.garbage grew from ${plural(kept.first, 'object')} to ${plural(kept.last, 'object')}`
    : `the collector found ${plural(uncollectable, 'object')} that it could not free`;
  return {
    confidence: { level: grows ? 'medium' : 'low', value: null, basis: 'rule' },
    summary: `The collector keeps what it finds: ${says}${type ? `, most of type ${type.type}` : ''}.`,
    places: [],
    evidence: [{ says, from: 'log-digest', reproduce: showLines('gc') }],
    fix: {
      summary: 'take gc.DEBUG_SAVEALL and gc.DEBUG_LEAK out of gc.set_debug: they keep all that is found, for ever.',
      advice: [
        'Without them only types with an old tp_del, from C extensions, cannot be freed in cycles.',
        'gc.garbage.clear() frees what is there now.',
      ],
    },
  };
}
