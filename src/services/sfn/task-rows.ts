import type { Store } from "#store/store.ts";
import type { TaskRecord } from "./execution-rows.ts";
import type { SfnTables } from "./tables.ts";

export type TaskRows = ReturnType<typeof newTaskRows>;

const toTask = (row: SfnTables["sfn_tasks"]): TaskRecord => ({
  token: row.token,
  executionArn: row.execution_arn,
  key: row.task_key,
  activityArn: row.activity_arn ?? undefined,
  job: row.job ?? undefined,
});

export const newTaskRows = (store: Store) => ({
  find: async (token: string): Promise<TaskRecord | undefined> => {
    const row = await store.read<SfnTables>().selectFrom("sfn_tasks").selectAll().where("token", "=", token).executeTakeFirst();
    return row && toTask(row);
  },
  /** The activity's tasks that no worker has, those that have waited longest first. */
  queued: async (activityArn: string, limit: number): Promise<TaskRecord[]> => {
    const query = store.read<SfnTables>().selectFrom("sfn_tasks").selectAll().where("activity_arn", "=", activityArn);
    return (await query.where("taken", "=", 0).orderBy("queued_at").limit(limit).execute()).map(toTask);
  },
  isQueued: async (token: string): Promise<boolean> => {
    const query = store.read<SfnTables>().selectFrom("sfn_tasks").select("taken").where("token", "=", token);
    return (await query.executeTakeFirst())?.taken === 0;
  },
  setTaken: (token: string): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.updateTable("sfn_tasks").set({ taken: 1 }).where("token", "=", token).execute();
    }),
  setJob: (token: string, job: string): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.updateTable("sfn_tasks").set({ job }).where("token", "=", token).execute();
    }),
});
