import { StateFailure } from "../state-failure.ts";
import { limits } from "../limits.ts";

/** The dataset of a Map can't be read. */
export const itemReaderFailed = (cause: string) => new StateFailure("States.ItemReaderFailed", cause);

/** What was to be gone through is neither an array nor an object. */
export const nonIterable = () => itemReaderFailed("Attempting to map over non-iterable node.");

/** Ends the reading of an item that is longer than any may be, before it is kept whole. */
export const checkItemLength = (length: number): void => {
  if (length > limits.readerItemBytes) throw itemReaderFailed(`An item exceeds the limit of ${limits.readerItemBytes} bytes.`);
};
