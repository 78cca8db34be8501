const pattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds of a timestamp in the profile of RFC 3339 that the language takes; `undefined` for anything else. */
export const parseTimestamp = (text: unknown): number | undefined => {
  if (typeof text !== "string" || !pattern.test(text)) return undefined;
  const ms = Date.parse(text);
  // Date.parse takes the 30th of February for the 2nd of March.
  const day = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8, 10))));
  return Number.isNaN(ms) || day.getUTCDate() !== Number(text.slice(8, 10)) ? undefined : ms;
};
