import { EngineError, type EngineErrorCode } from "../engine.ts";

type DockerFault = { statusCode?: number; json?: { message?: string }; reason?: string; code?: string; message: string };

const isFault = (error: unknown): error is DockerFault => error instanceof Error;

/** The HTTP status that Docker answered with, if the error is Docker's answer. */
export const statusOf = (error: unknown): number | undefined => (isFault(error) ? error.statusCode : undefined);

/** Docker's own words, without what its client wraps round them. */
export const wordsOf = (error: unknown): string => {
  if (!isFault(error)) return String(error);
  return typeof error.json?.message === "string" ? error.json.message : error.message;
};

/** An error of the Docker client as an `EngineError`: `code` when Docker refused, `Unavailable` when it did not answer. */
export const engineError = (error: unknown, code: EngineErrorCode): EngineError => {
  if (error instanceof EngineError) return error;
  if (statusOf(error) === undefined) return new EngineError("Unavailable", wordsOf(error), { cause: error });
  return new EngineError(code, wordsOf(error), { cause: error });
};

/** Waits for a call to Docker and translates what it throws. */
export const asking = async <T>(code: EngineErrorCode, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw engineError(error, code);
  }
};

/** Waits for a call whose refusal with one of these statuses means that there is nothing left to do. */
export const unless = async <T>(statuses: readonly number[], call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && statuses.includes(status)) return undefined;
    throw engineError(error, "Unavailable");
  }
};
