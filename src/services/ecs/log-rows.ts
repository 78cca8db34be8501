import type { LogPosition } from "#engine/engine.ts";
import type { Store } from "#store/store.ts";
import type { Tables } from "./tables.ts";

/** Lines on their way to a log stream: where reading goes on once they have arrived, and by what to know whether they have. */
type Sending = { until: LogPosition; last: { timestamp: number; message: string } };

export type LogState = { position: LogPosition | undefined; sending: Sending | undefined };

export type LogRows = {
  find(taskId: string, container: string): Promise<LogState>;
  put(taskId: string, container: string, state: LogState): Promise<void>;
};

export const newLogRows = (store: Store): LogRows => ({
  find: async (task_id, container) => {
    const row = await store
      .read<Tables>()
      .selectFrom("ecs_log_positions")
      .selectAll()
      .where((by) => by.and({ task_id, container }))
      .executeTakeFirst();
    return {
      position: row?.position ? (JSON.parse(row.position) as LogPosition) : undefined,
      sending: row?.sending ? (JSON.parse(row.sending) as Sending) : undefined,
    };
  },
  put: (task_id, container, { position, sending }) =>
    store.transaction<Tables, void>(async (tx) => {
      const values = { position: position ? JSON.stringify(position) : null, sending: sending ? JSON.stringify(sending) : null };
      await tx
        .insertInto("ecs_log_positions")
        .values({ task_id, container, ...values })
        .onConflict((conflict) => conflict.columns(["task_id", "container"]).doUpdateSet(values))
        .execute();
    }),
});
