/** What a user can put right; the message says what went wrong and what to do next. */
export class CliError extends Error {
  /** 1: it failed; 2: it was called wrongly. */
  readonly exitCode: 1 | 2;

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}
