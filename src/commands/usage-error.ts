/** The command line makes no sense: what is wrong with it, and what would be right. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(message: string, hint = 'See: whyoom --help') {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}
