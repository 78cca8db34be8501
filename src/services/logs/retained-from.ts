const dayMs = 24 * 3_600_000;

/** The oldest time whose events are kept, and shown. */
export const retainedFrom = (retentionDays: number | undefined, now: number): number =>
  retentionDays === undefined ? 0 : now - retentionDays * dayMs;
