/** An error as callers of the function get it. */
export const describeError = (error) => {
  if (!(error instanceof Error) && typeof error?.stack !== "string")
    return { errorType: error === null ? "null" : typeof error, errorMessage: String(error?.message ?? error), trace: [] };
  return { errorType: error.name || "Error", errorMessage: error.message, trace: String(error.stack).split("\n") };
};

export const describeRejection = (reason) => {
  const described = describeError(reason);
  const words = reason instanceof Error ? `${described.errorType}: ${described.errorMessage}` : described.errorMessage;
  return {
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: words,
    reason: { ...described, stack: described.trace },
    promise: {},
    trace: [`Runtime.UnhandledPromiseRejection: ${words}`, ...described.trace.slice(1)],
  };
};
