/** An app that can't be deployed or run as it is written; the message says what to change. */
export class AppError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AppError";
  }
}
