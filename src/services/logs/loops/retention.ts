import type { Loop } from "#reconcile/loops.ts";
import type { EventRows } from "../event-rows.ts";
import type { GroupRows } from "../group-rows.ts";
import { retainedFrom } from "../retained-from.ts";

const eventsAStep = 1000;
const againMs = 10 * 60_000;

/** Removes what is older than its group's retention, a little at a time: writers of other groups come in between. */
export const retentionLoop = ({ groups, events, now }: { groups: GroupRows; events: EventRows; now: () => number }): Loop => ({
  name: "logs retention",
  concurrency: 1,
  keys: async () => (await groups.withRetention()).map(({ id }) => String(id)),
  reconcile: async (key) => {
    const retentionDays = await groups.retentionOf(Number(key));
    if (retentionDays === undefined) return;
    const removed = await events.expire(Number(key), retainedFrom(retentionDays, now()), eventsAStep);
    return removed === eventsAStep ? 1 : againMs;
  },
});
