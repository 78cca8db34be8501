import type { Store } from "#store/store.ts";
import type { ChangeSet } from "./cloudformation.ts";
import type { Tables, Tx } from "./stack-rows.ts";

export type ChangeSetRows = {
  find(nameOrId: string, stackId: string | undefined): Promise<ChangeSet | undefined>;
  list(stackId: string): Promise<ChangeSet[]>;
  put(tx: Tx, changeSet: ChangeSet): Promise<void>;
  drop(tx: Tx, changeSetId: string): Promise<void>;
};

export const newChangeSetRows = (store: Store): ChangeSetRows => ({
  find: async (nameOrId, stackId) => {
    const rows = store.read<Tables>().selectFrom("cloudformation_change_sets").selectAll();
    const found = nameOrId.startsWith("arn:")
      ? rows.where("change_set_id", "=", nameOrId)
      : rows.where("name", "=", nameOrId).where("stack_id", "=", stackId ?? "");
    const row = await found.executeTakeFirst();
    return row && (JSON.parse(row.content) as ChangeSet);
  },
  list: async (stackId) => {
    const rows = await store
      .read<Tables>()
      .selectFrom("cloudformation_change_sets")
      .selectAll()
      .where("stack_id", "=", stackId)
      .orderBy("created_at")
      .execute();
    return rows.map((row) => JSON.parse(row.content) as ChangeSet);
  },
  put: async (tx, changeSet) => {
    const { changeSetId, stackId, name, createdAt } = changeSet;
    const content = JSON.stringify(changeSet);
    await tx
      .insertInto("cloudformation_change_sets")
      .values({ change_set_id: changeSetId, stack_id: stackId, name, created_at: createdAt, content })
      .onConflict((conflict) => conflict.column("change_set_id").doUpdateSet({ content }))
      .execute();
  },
  drop: async (tx, changeSetId) => {
    await tx.deleteFrom("cloudformation_change_sets").where("change_set_id", "=", changeSetId).execute();
  },
});
