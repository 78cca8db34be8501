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
  /** Takes the activity's task that has waited longest; no other worker gets it. */
  take: async (activityArn: string): Promise<TaskRecord | undefined> => {
    const oldest = await store
      .read<SfnTables>()
      .selectFrom("sfn_tasks")
      .select("token")
      .where("activity_arn", "=", activityArn)
      .where("taken", "=", 0)
      .limit(1)
      .executeTakeFirst();
    if (!oldest) return undefined;
    return store.transaction<SfnTables, TaskRecord | undefined>(async (tx) => {
      const query = tx.selectFrom("sfn_tasks").selectAll().where("activity_arn", "=", activityArn).where("taken", "=", 0);
      const row = await query.orderBy("queued_at").limit(1).executeTakeFirst();
      if (!row) return undefined;
      await tx.updateTable("sfn_tasks").set({ taken: 1 }).where("token", "=", row.token).execute();
      return toTask(row);
    });
  },
  setJob: (token: string, job: string): Promise<void> =>
    store.transaction<SfnTables, void>(async (tx) => {
      await tx.updateTable("sfn_tasks").set({ job }).where("token", "=", token).execute();
    }),
});
