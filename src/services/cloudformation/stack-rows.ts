import type { Selectable, Transaction } from "kysely";
import type { Store } from "#store/store.ts";
import type { Interrupt, Stack, StackEventRecord, StackResource } from "./cloudformation.ts";

type StackTable = {
  stack_id: string;
  account: string;
  region: string;
  name: string;
  is_deleted: number;
  created_at: number;
  is_moving: number;
  interrupt: string | null;
  content: string;
};

export type Tables = {
  cloudformation_stacks: StackTable;
  cloudformation_resources: { stack_id: string; slot: number; logical_id: string; physical_id: string | null; content: string };
  cloudformation_events: { stack_id: string; sequence: number; content: string };
  cloudformation_change_sets: { change_set_id: string; stack_id: string; name: string; created_at: number; content: string };
  cloudformation_exports: { account: string; region: string; name: string; stack_id: string; value: string };
  cloudformation_imports: { account: string; region: string; name: string; stack_id: string };
};

export type Tx = Transaction<Tables>;
export type Place = { account: string; region: string };

/** The rows of stacks. Those with a `tx` run inside a transaction of the caller's. */
export type StackRows = {
  change<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** By name (of one that is not deleted) or by stack id. */
  find(place: Place, nameOrId: string): Promise<Stack | undefined>;
  findIn(tx: Tx, place: Place, nameOrId: string): Promise<Stack | undefined>;
  list(place: Place, options: { includeDeleted: boolean }): Promise<Stack[]>;
  /** Ids of stacks that are doing something. */
  moving(): Promise<string[]>;
  insert(tx: Tx, stack: Stack): Promise<void>;
  update(tx: Tx, stack: Stack): Promise<void>;
  forget(tx: Tx, stackId: string): Promise<void>;
  interrupt(tx: Tx, stackId: string, interrupt: Interrupt | undefined): Promise<void>;
  interruptOf(stackId: string): Promise<Interrupt | undefined>;
  resources(stackId: string): Promise<StackResource[]>;
  resourcesByPhysicalId(physicalId: string): Promise<(StackResource & { stackId: string })[]>;
  putResource(tx: Tx, stackId: string, resource: StackResource): Promise<void>;
  /** A slot that no instance of the stack ever had. */
  nextSlot(tx: Tx, stackId: string): Promise<number>;
  dropResource(tx: Tx, stackId: string, slot: number): Promise<void>;
  addEvent(tx: Tx, stackId: string, event: StackEventRecord): Promise<void>;
  /** Newest first. */
  events(stackId: string, page: { offset: number; limit: number }): Promise<StackEventRecord[]>;
  clear(): Promise<void>;
};

const stackOf = (row: Selectable<StackTable> | undefined): Stack | undefined => (row ? (JSON.parse(row.content) as Stack) : undefined);

const rowOf = (stack: Stack) => ({
  is_deleted: stack.status === "DELETE_COMPLETE" ? 1 : 0,
  is_moving: stack.operation === undefined ? 0 : 1,
  content: JSON.stringify(stack),
});

type Reader = Pick<Tx, "selectFrom">;

const select = (db: Reader, place: Place, nameOrId: string) => {
  const rows = db.selectFrom("cloudformation_stacks").selectAll().where("account", "=", place.account).where("region", "=", place.region);
  return nameOrId.startsWith("arn:")
    ? rows.where("stack_id", "=", nameOrId)
    : rows.where("name", "=", nameOrId).where("is_deleted", "=", 0);
};

export const newStackRows = (store: Store): StackRows => {
  const db = () => store.read<Tables>();
  return {
    ...resourceRows(db),
    change: <Result>(work: (tx: Tx) => Promise<Result>) => store.transaction<Tables, Result>(work),
    find: async (place, nameOrId) => stackOf(await select(db(), place, nameOrId).executeTakeFirst()),
    findIn: async (tx, place, nameOrId) => stackOf(await select(tx, place, nameOrId).executeTakeFirst()),
    list: async ({ account, region }, { includeDeleted }) => {
      const all = db().selectFrom("cloudformation_stacks").selectAll().where("account", "=", account).where("region", "=", region);
      const rows = await (includeDeleted ? all : all.where("is_deleted", "=", 0)).orderBy("created_at", "desc").execute();
      return rows.map((row) => JSON.parse(row.content) as Stack);
    },
    moving: async () => {
      const rows = await db().selectFrom("cloudformation_stacks").select("stack_id").where("is_moving", "=", 1).execute();
      return rows.map((row) => row.stack_id);
    },
    insert: async (tx, stack) => {
      const { stackId, account, region, name, createdAt } = stack;
      const keys = { stack_id: stackId, account, region, name, created_at: createdAt, interrupt: null };
      await tx
        .insertInto("cloudformation_stacks")
        .values({ ...keys, ...rowOf(stack) })
        .execute();
    },
    update: async (tx, stack) => {
      await tx.updateTable("cloudformation_stacks").set(rowOf(stack)).where("stack_id", "=", stack.stackId).execute();
    },
    forget: async (tx, stackId) => {
      for (const table of [
        "cloudformation_events",
        "cloudformation_resources",
        "cloudformation_change_sets",
        "cloudformation_stacks",
      ] as const)
        await tx.deleteFrom(table).where("stack_id", "=", stackId).execute();
    },
    interrupt: async (tx, stackId, interrupt) => {
      const value = interrupt === undefined ? null : JSON.stringify(interrupt);
      await tx.updateTable("cloudformation_stacks").set({ interrupt: value }).where("stack_id", "=", stackId).execute();
    },
    interruptOf: async (stackId) => {
      const row = await db().selectFrom("cloudformation_stacks").select("interrupt").where("stack_id", "=", stackId).executeTakeFirst();
      return row?.interrupt == null ? undefined : (JSON.parse(row.interrupt) as Interrupt);
    },
    clear: () =>
      store.transaction<Tables, void>(async (tx) => {
        const tables = ["stacks", "resources", "events", "change_sets", "exports", "imports"] as const;
        for (const table of tables) await tx.deleteFrom(`cloudformation_${table}`).execute();
      }),
  };
};

type ResourceRows = Pick<
  StackRows,
  "resources" | "resourcesByPhysicalId" | "putResource" | "nextSlot" | "dropResource" | "addEvent" | "events"
>;

const resourceRows = (db: () => Reader): ResourceRows => ({
  resources: async (stackId) => {
    const rows = await db().selectFrom("cloudformation_resources").selectAll().where("stack_id", "=", stackId).orderBy("slot").execute();
    return rows.map((row) => JSON.parse(row.content) as StackResource);
  },
  resourcesByPhysicalId: async (physicalId) => {
    const rows = await db().selectFrom("cloudformation_resources").selectAll().where("physical_id", "=", physicalId).execute();
    return rows.map((row) => ({ ...(JSON.parse(row.content) as StackResource), stackId: row.stack_id }));
  },
  putResource: async (tx, stackId, resource) => {
    const values = { logical_id: resource.logicalId, physical_id: resource.physicalId ?? null, content: JSON.stringify(resource) };
    await tx
      .insertInto("cloudformation_resources")
      .values({ stack_id: stackId, slot: resource.slot, ...values })
      .onConflict((conflict) => conflict.columns(["stack_id", "slot"]).doUpdateSet(values))
      .execute();
  },
  nextSlot: async (tx, stackId) => {
    const last = await tx
      .selectFrom("cloudformation_resources")
      .select((rows) => rows.fn.max("slot").as("slot"))
      .where("stack_id", "=", stackId)
      .executeTakeFirst();
    return Number(last?.slot ?? 0) + 1;
  },
  dropResource: async (tx, stackId, slot) => {
    await tx.deleteFrom("cloudformation_resources").where("stack_id", "=", stackId).where("slot", "=", slot).execute();
  },
  addEvent: async (tx, stackId, event) => {
    const last = await tx
      .selectFrom("cloudformation_events")
      .select((rows) => rows.fn.max("sequence").as("sequence"))
      .where("stack_id", "=", stackId)
      .executeTakeFirst();
    const sequence = Number(last?.sequence ?? 0) + 1;
    await tx
      .insertInto("cloudformation_events")
      .values({ stack_id: stackId, sequence, content: JSON.stringify(event) })
      .execute();
  },
  events: async (stackId, { offset, limit }) => {
    const rows = await db()
      .selectFrom("cloudformation_events")
      .selectAll()
      .where("stack_id", "=", stackId)
      .orderBy("sequence", "desc")
      .offset(offset)
      .limit(limit)
      .execute();
    return rows.map((row) => JSON.parse(row.content) as StackEventRecord);
  },
});
