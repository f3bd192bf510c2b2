import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What a run came to. */
export interface Closing {
  passed: number;
  failed: number;
  /** Full names. In CI each is a failure: what cannot be tested there is not tested anywhere. */
  skipped: string[];
  /** Full names of those that failed, and then passed when they were tried again. */
  secondTry: string[];
}

/** Counts the tests of a run and writes the numbers where `test/run.ts` looks for them ($WHYOOM_CLOSING). */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const broken = modules.filter(
      (module) =>
        module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0),
    );
    const closing: Closing = {
      passed: inState('passed').length,
      failed: inState('failed').length + broken.length + errors.length,
      skipped: [...inState('skipped'), ...inState('pending')].map(nameOf),
      secondTry: tests.filter((test) => test.diagnostic()?.flaky).map(nameOf),
    };
    const file = process.env.WHYOOM_CLOSING;
    if (file) writeFileSync(file, JSON.stringify(closing));
    if (process.env.CI && closing.skipped.length > 0) {
      console.error(`Skipped, which in CI is a failure:\n${closing.skipped.join('\n')}`);
      process.exitCode = 1;
    }
  }
}

const nameOf = (test: TestCase) => `${test.module.relativeModuleId} > ${test.fullName}`;
