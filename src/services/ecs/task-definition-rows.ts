import type { TaskDefinition } from "@aws-sdk/client-ecs";
import type { Selectable } from "kysely";
import type { Store } from "#store/store.ts";
import type { Scope, Tags } from "./ecs.ts";
import type { Tables } from "./tables.ts";

type DefinitionStatus = "ACTIVE" | "INACTIVE";

export type DefinitionRecord = Scope & {
  family: string;
  revision: number;
  status: DefinitionStatus;
  registeredAt: number;
  deregisteredAt: number | undefined;
  /** As it was registered, with AWS's defaults. */
  definition: TaskDefinition;
  tags: Tags;
};

type DefinitionQuery = { family?: string | undefined; prefix?: string | undefined; status: DefinitionStatus; isDescending: boolean };

export type TaskDefinitionRows = {
  /** Adds the next revision of the family; numbers are never used twice. */
  add(definition: Omit<DefinitionRecord, "revision">): Promise<DefinitionRecord>;
  /** A revision, or the latest that is active. */
  find(scope: Scope, family: string, revision: number | undefined): Promise<DefinitionRecord | undefined>;
  list(scope: Scope, query: DefinitionQuery): Promise<{ family: string; revision: number }[]>;
  families(scope: Scope, prefix: string): Promise<{ family: string; isActive: boolean }[]>;
  deregister(record: DefinitionRecord, now: number): Promise<void>;
  remove(record: DefinitionRecord): Promise<void>;
  setTags(record: DefinitionRecord, tags: Tags): Promise<void>;
};

export const newTaskDefinitionRows = (store: Store): TaskDefinitionRows => {
  const keyOf = ({ account, region, family, revision }: DefinitionRecord) => ({ account, region, family, revision });
  const change = (record: DefinitionRecord, set: Partial<Tables["ecs_task_definitions"]>) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx
        .updateTable("ecs_task_definitions")
        .set(set)
        .where((by) => by.and(keyOf(record)))
        .execute();
    });

  return {
    add: (record) =>
      store.transaction<Tables, DefinitionRecord>(async (tx) => {
        const { account, region, family } = record;
        const { last_revision: revision } = await tx
          .insertInto("ecs_families")
          .values({ account, region, family, last_revision: 1 })
          .onConflict((conflict) =>
            conflict
              .columns(["account", "region", "family"])
              .doUpdateSet((by) => ({ last_revision: by("ecs_families.last_revision", "+", 1) })),
          )
          .returning("last_revision")
          .executeTakeFirstOrThrow();
        await tx
          .insertInto("ecs_task_definitions")
          .values({
            account,
            region,
            family,
            revision,
            status: record.status,
            registered_at: record.registeredAt,
            deregistered_at: null,
            definition: JSON.stringify(record.definition),
            tags: JSON.stringify(record.tags),
          })
          .execute();
        return { ...record, revision };
      }),
    find: async ({ account, region }, family, revision) => {
      const query = store
        .read<Tables>()
        .selectFrom("ecs_task_definitions")
        .selectAll()
        .where((by) => by.and({ account, region, family }));
      const row = await (
        revision === undefined
          ? query.where("status", "=", "ACTIVE").orderBy("revision", "desc").limit(1)
          : query.where("revision", "=", revision)
      ).executeTakeFirst();
      return row && definitionOf(row);
    },
    list: async ({ account, region }, { family, prefix, status, isDescending }) => {
      const direction = isDescending ? "desc" : "asc";
      let query = store
        .read<Tables>()
        .selectFrom("ecs_task_definitions")
        .select(["family", "revision"])
        .where((by) => by.and({ account, region, status }));
      if (family !== undefined) query = query.where("family", "=", family);
      if (prefix !== undefined) query = query.where("family", ">=", prefix).where("family", "<", `${prefix}\u{10FFFF}`);
      return query.orderBy("family", direction).orderBy("revision", direction).execute();
    },
    families: async ({ account, region }, prefix) => {
      const rows = await store
        .read<Tables>()
        .selectFrom("ecs_task_definitions")
        .select((by) => ["family", by.fn.max("status").as("highest"), by.fn.min("status").as("lowest")])
        .where((by) => by.and({ account, region }))
        .where("family", ">=", prefix)
        .where("family", "<", `${prefix}\u{10FFFF}`)
        .groupBy("family")
        .orderBy("family")
        .execute();
      return rows.map(({ family, lowest }) => ({ family, isActive: lowest === "ACTIVE" }));
    },
    deregister: (record, now) => change(record, { status: "INACTIVE", deregistered_at: now }),
    remove: (record) =>
      store.transaction<Tables, void>(async (tx) => {
        await tx
          .deleteFrom("ecs_task_definitions")
          .where((by) => by.and(keyOf(record)))
          .execute();
      }),
    setTags: (record, tags) => change(record, { tags: JSON.stringify(tags) }),
  };
};

const definitionOf = (row: Selectable<Tables["ecs_task_definitions"]>): DefinitionRecord => ({
  account: row.account,
  region: row.region,
  family: row.family,
  revision: row.revision,
  status: row.status === "ACTIVE" ? "ACTIVE" : "INACTIVE",
  registeredAt: row.registered_at,
  deregisteredAt: row.deregistered_at ?? undefined,
  definition: JSON.parse(row.definition) as TaskDefinition,
  tags: JSON.parse(row.tags) as Tags,
});
