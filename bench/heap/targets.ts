import { join } from 'node:path';

/** A program whose heap is read. */
export interface Target {
  /** As the tables call it. */
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Whether it needs packages, and not just an interpreter. */
  readonly needsPackages: boolean;
  /** Of the objects made for the bench, how many and in what order. */
  readonly made?: { readonly objects: number; readonly order: Order };
}

export type Order = 'fresh' | 'shuffled';

export const PROGRAMS = ['django', 'pandas', 'scikit-learn'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

const script = (file: string): string => join(import.meta.dirname, '../programs', file);
const SCRIPTS: Record<ProgramName, { title: string; script: string }> = {
  django: { title: 'Django, tests loaded', script: script('django_tests.py') },
  pandas: { title: 'pandas', script: script('pandas_frames.py') },
  'scikit-learn': { title: 'scikit-learn', script: script('sklearn_models.py') },
};

export function objectsTarget(objects: number, order: Order): Target {
  const amount = objects % 1e6 === 0 ? `${objects / 1e6} M` : `${objects}`;
  return {
    name: `${amount} objects, ${order}`,
    script: script('objects.py'),
    args: [String(objects), order],
    needsPackages: false,
    made: { objects, order },
  };
}

export const programTarget = (name: ProgramName): Target => ({
  name: SCRIPTS[name].title,
  script: SCRIPTS[name].script,
  args: [],
  needsPackages: true,
});
