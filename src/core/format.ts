import type { Report } from './report.ts';

/** What the output goes to. A pipe has no width of its own and takes no colour. */
export interface Screen {
  readonly width: number;
  readonly color: boolean;
  /** Whether characters outside ASCII can be shown. */
  readonly unicode: boolean;
}

/** One file a format: a pure picture of the report, every text from the target escaped. */
export interface Format {
  readonly id: string;
  render(report: Report, screen: Screen): string;
}
