const dataMembers = new Set([
  "input",
  "output",
  "parameters",
  "inputDetails",
  "outputDetails",
  "assignedVariables",
  "assignedVariablesDetails",
]);

/** What a log record takes of an input or output, escaped: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-payload */
const longestData = 248 * 1024;

/** The details of an event as they are logged: data that is too long is cut, and said to be. */
export const shortened = (details: object): object => {
  const changed = Object.entries(details).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value !== "string" || value.length < longestData / 6) return [];
    const escaped = JSON.stringify(value).slice(1, -1);
    if (Buffer.byteLength(escaped) <= longestData) return [];
    return [
      [key, cut(value)],
      [`${key}Details`, { truncated: true }],
    ];
  });
  return changed.length === 0 ? details : { ...details, ...Object.fromEntries(changed) };
};

/** The longest beginning that fits when it is escaped. */
const cut = (text: string): string => {
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (Buffer.byteLength(JSON.stringify(text.slice(0, middle))) - 2 <= longestData) fits = middle;
    else tooLong = middle;
  }
  return text.slice(0, fits);
};

/** The details of an event without the execution's data, as they are told where that is not included. */
export const withoutData = (details: unknown): unknown =>
  typeof details === "object" && details !== null
    ? Object.fromEntries(Object.entries(details).filter(([key]) => !dataMembers.has(key)))
    : details;
