import type { Loop } from "#reconcile/loops.ts";
import { Fault } from "#wire/fault.ts";
import type { Log } from "#wire/context.ts";
import type { AliasRows } from "../alias-rows.ts";
import type { EventRows, QueuedEvent } from "../event-rows.ts";
import type { Executions } from "../execution/executions.ts";
import type { FunctionRows } from "../function-rows.ts";
import { functionArn, resolveVersion } from "../names.ts";

type Parts = { events: EventRows; functions: FunctionRows; aliases: AliasRows; executions: Executions; now: () => number; log: Log };

/** Two retries, a minute and two minutes later; events that find no room wait up to six hours. */
const retryMs = [60_000, 120_000] as const;
const maxAgeMs = 6 * 3_600_000;
const throttledMs = { first: 1_000, last: 300_000 };

/**
 * Hands queued events to their functions, each at least once: an event leaves the table when it is done, so one whose process died is handed
 * on again. A retry has the request id of the first attempt, as on AWS.
 */
export const eventLoop = (parts: Parts): Loop => ({
  name: "lambda events",
  concurrency: 256,
  keys: () => parts.events.ids(),
  reconcile: async (id) => {
    const event = await parts.events.find(id);
    if (!event) return;
    const early = event.nextAt - parts.now();
    return early > 0 ? early : attempt(event, parts);
  },
});

const attempt = async (event: QueuedEvent, parts: Parts): Promise<number | void> => {
  const { events, executions, functions, log, now } = parts;
  try {
    const reference = { FunctionName: event.name, Qualifier: event.qualifier };
    const { version } = await resolveVersion(reference, { ...parts, account: event.account, region: event.region });
    const outcome = await executions.invoke(version, {
      requestId: event.id,
      payload: Buffer.from(event.payload),
      invokedArn: functionArn(event, event.qualifier === "$LATEST" ? undefined : event.qualifier),
      clientContext: event.clientContext,
      reservedConcurrency: (await functions.find(event))?.reservedConcurrency,
      wantsTail: false,
    });
    // A crash in between runs the event once more, which is allowed, rather than lose what it said.
    await outcome.logged();
    if (!outcome.isError) return await events.remove(event.id);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === "ResourceNotFoundException") return events.remove(event.id);
    const age = now() - event.createdAt;
    if (error.code !== "TooManyRequestsException") log.warn({ error, function: event.name }, "an event could not be run yet");
    if (age < maxAgeMs) return Math.min(throttledMs.last, Math.max(throttledMs.first, age));
  }
  const retryInMs = retryMs[event.attempts];
  if (retryInMs === undefined) {
    log.warn({ function: event.name, event: event.id }, "an event was dropped after its last attempt");
    return events.remove(event.id);
  }
  await events.postpone(event.id, event.attempts + 1, now() + retryInMs);
  return retryInMs;
};
