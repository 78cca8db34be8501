/** How a task ended that did not succeed: the error's name as Retry and Catch see it, and its cause. */
export class TaskFault extends Error {
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.name = "TaskFault";
    this.error = error;
  }
}
