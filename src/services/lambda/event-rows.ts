import type { Store } from "#store/store.ts";
import type { FunctionName } from "./lambda.ts";
import type { Tables } from "./tables.ts";

/** An asynchronous invocation that is not done. */
export type QueuedEvent = FunctionName & {
  id: string;
  qualifier: string;
  clientContext: string | undefined;
  payload: Uint8Array;
  attempts: number;
  createdAt: number;
  nextAt: number;
};

export type EventRows = {
  add(event: QueuedEvent): Promise<void>;
  find(id: string): Promise<QueuedEvent | undefined>;
  postpone(id: string, attempts: number, nextAt: number): Promise<void>;
  remove(id: string): Promise<void>;
  ids(): Promise<string[]>;
};

export const newEventRows = (store: Store): EventRows => ({
  add: ({ id, account, region, name, qualifier, clientContext, payload, attempts, createdAt, nextAt }) =>
    store.transaction<Tables, void>(async (tx) => {
      const times = { attempts, created_at: createdAt, next_at: nextAt };
      await tx
        .insertInto("lambda_events")
        .values({ id, account, region, name, qualifier, client_context: clientContext ?? null, payload, ...times })
        .execute();
    }),
  find: async (id) => {
    const row = await store.read<Tables>().selectFrom("lambda_events").selectAll().where("id", "=", id).executeTakeFirst();
    return (
      row && {
        id,
        account: row.account,
        region: row.region,
        name: row.name,
        qualifier: row.qualifier,
        clientContext: row.client_context ?? undefined,
        payload: row.payload,
        attempts: row.attempts,
        createdAt: row.created_at,
        nextAt: row.next_at,
      }
    );
  },
  postpone: (id, attempts, nextAt) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.updateTable("lambda_events").set({ attempts, next_at: nextAt }).where("id", "=", id).execute();
    }),
  remove: (id) => store.transaction<Tables, void>(async (tx) => void (await tx.deleteFrom("lambda_events").where("id", "=", id).execute())),
  ids: async () => (await store.read<Tables>().selectFrom("lambda_events").select("id").orderBy("next_at").execute()).map(({ id }) => id),
});
