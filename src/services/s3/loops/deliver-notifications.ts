import type { Deliverer, RecordedFact } from "#store/outbox.ts";
import type { Store } from "#store/store.ts";
import { Fault } from "#wire/fault.ts";
import type { Caller } from "#wire/context.ts";
import type { Call } from "#wire/operation.ts";
import type { ConfigurationRows } from "../configuration-rows.ts";
import { eventMessage } from "../event-records.ts";
import { rulesOf } from "../notification-configurations.ts";
import { mismatchOf } from "../notification-rules.ts";
import type { NotificationRule } from "../notification-rules.ts";
import { topics } from "../object-changes.ts";
import type { ObjectFact } from "../object-changes.ts";

const name = "s3-notifications";
/** A destination that cannot be reached for a day is given up, event by event. */
const giveUpMs = 24 * 60 * 60 * 1000;

type Delivering = {
  store: Store;
  configurations: ConfigurationRows;
  callAs: (caller: Caller, region: string) => Call;
  now: () => number;
};

/**
 * Hands events of objects to the functions that their buckets' configurations name. Events of one key are handed on in order; those of others beside
 * them. Each delivery, and each rule that did not match, leaves a trace.
 */
export const newNotificationDeliverer = (context: Delivering): Deliverer => {
  // What was delivered of a batch that comes again because some of it failed: spares most repetitions, and may be forgotten.
  const delivered = new Set<string>();
  return {
    name,
    topics: Object.values(topics),
    deliver: async (facts) => {
      const rules = new Map<string, Promise<NotificationRule[]>>();
      const rulesFor = (bucket: string) => {
        const known = rules.get(bucket) ?? rulesOf(bucket, context);
        rules.set(bucket, known);
        return known;
      };
      const outcomes = await Promise.allSettled(
        [...Map.groupBy(facts, ({ subject }) => subject).values()].map(async (ofOneKey) => {
          // oxlint-disable-next-line no-await-in-loop -- in the order of the key's events
          for (const fact of ofOneKey)
            await deliverOne(fact, await rulesFor((fact.detail as ObjectFact).bucket), { ...context, delivered });
        }),
      );
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) throw failed.reason;
      delivered.clear();
    },
  };
};

const deliverOne = async (
  fact: RecordedFact,
  rules: readonly NotificationRule[],
  context: Delivering & { delivered: Set<string> },
): Promise<void> => {
  const { event, key } = fact.detail as ObjectFact;
  for (const rule of rules) {
    const id = `${fact.id} ${rule.id}`;
    if (context.delivered.has(id)) continue;
    const mismatch = mismatchOf(rule, { event, key });
    // oxlint-disable-next-line no-await-in-loop -- rules in their order
    const outcome = mismatch ?? (await invoke(fact, rule, context));
    context.delivered.add(id);
    // oxlint-disable-next-line no-await-in-loop
    await context.store.outbox.trace({ factId: fact.id, deliverer: name, target: rule.functionArn, outcome, at: context.now() });
  }
};

/** Answers with the outcome to be traced; throws where trying again may help. */
const invoke = async (fact: RecordedFact, rule: NotificationRule, { callAs, now }: Delivering): Promise<string> => {
  const service = "s3.amazonaws.com";
  const call = callAs({ account: fact.account, arn: service, userId: service, accessKeyId: "" }, fact.region);
  try {
    await call("lambda", "Invoke", {
      FunctionName: rule.functionArn,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(eventMessage(fact, rule))),
    });
    return "delivered";
  } catch (error) {
    const isFinal = error instanceof Fault && !mayPass(error);
    if (!isFinal && now() - fact.at < giveUpMs) throw error;
    return error instanceof Fault ? `failed: ${error.code} ${error.message}` : "failed: an unexpected error";
  }
};

const mayPass = ({ code, status = 400 }: Fault) => code === "TooManyRequestsException" || (status >= 500 && code !== "NotImplemented");
