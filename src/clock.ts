/** The time that everything reads: milliseconds since the epoch. */
export const systemClock = (): number => Date.now();
