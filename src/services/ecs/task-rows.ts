import type { Transaction } from "kysely";
import type { Fact } from "#store/outbox.ts";
import type { Store } from "#store/store.ts";
import { changeFact } from "./change-fact.ts";
import type { Observed, Scope, Tags, TaskRecord } from "./ecs.ts";
import { stoppedLifeMs, tokenLifeMs } from "./limits.ts";
import { shortageOf } from "./placement.ts";
import type { Need, Room, Shortage } from "./placement.ts";
import { rowOf, taskOf } from "./task-row.ts";
import { later } from "./task-states.ts";
import type { Stop, TaskState } from "./task-states.ts";
import type { Tables } from "./tables.ts";

type TaskQuery = Scope & {
  cluster: string;
  family?: string | undefined;
  startedBy?: string | undefined;
  launchType?: string | undefined;
  desiredStatus: "RUNNING" | "STOPPED";
  after: string;
  limit: number;
};

/** What a look at the engine changes of a task. */
type Change = { lastStatus?: TaskState; observed?: Partial<Observed>; stop?: Stop };

type RunToken = { token: string; requestHash: string };
type Added = { kind: "added"; shortages: readonly (Shortage | undefined)[] } | { kind: "known"; ids: readonly string[]; isSame: boolean };

export type TaskRows = {
  find(id: string): Promise<TaskRecord | undefined>;
  findMany(ids: readonly string[]): Promise<TaskRecord[]>;
  findBySecret(kind: "credentials" | "metadata", secret: string): Promise<TaskRecord | undefined>;
  list(query: TaskQuery): Promise<string[]>;
  /** Ids of the tasks that have not ended. */
  unfinished(lastStatus?: TaskState): Promise<string[]>;
  count(scope: Scope, cluster: string): Promise<{ running: number; pending: number }>;
  /** What all placed tasks of the machine reserve, and what those of them do that the engine knows. */
  reserved(): Promise<{ placed: Need; running: Need }>;
  /** Adds tasks; those that `room` is given for are placed at once, or left out where there is none. */
  add(tasks: readonly TaskRecord[], options: { token: RunToken | undefined; room: Room | undefined; now: number }): Promise<Added>;
  /** Reserves room for a waiting task. */
  place(id: string, room: Room, now: number): Promise<Shortage | undefined>;
  /** Notes that the task is to end; the first reason stays. */
  requestStop(id: string, stop: Stop): Promise<TaskRecord | undefined>;
  observe(id: string, change: Change, now: number): Promise<TaskRecord | undefined>;
  setTags(id: string, tags: Tags): Promise<void>;
  /** Forgets tasks that stopped, and client tokens that were used, long enough ago. */
  dropOld(now: number): Promise<void>;
};

export const newTaskRows = (store: Store): TaskRows => {
  const tasks = () => store.read<Tables>().selectFrom("ecs_tasks");

  return {
    find: async (id) => {
      const row = await tasks().selectAll().where("id", "=", id).executeTakeFirst();
      return row && taskOf(row);
    },
    findMany: async (ids) =>
      ids.length === 0
        ? []
        : (
            await tasks()
              .selectAll()
              .where("id", "in", [...ids])
              .execute()
          ).map(taskOf),
    findBySecret: async (kind, secret) => {
      const row = await tasks().selectAll().where(`${kind}_id`, "=", secret).executeTakeFirst();
      return row && taskOf(row);
    },
    list: async ({ account, region, cluster, desiredStatus, after, limit, ...filters }) => {
      let query = tasks()
        .select("id")
        .where((by) => by.and({ account, region, cluster, desired_status: desiredStatus }));
      if (filters.family !== undefined) query = query.where("family", "=", filters.family);
      if (filters.startedBy !== undefined) query = query.where("started_by", "=", filters.startedBy);
      if (filters.launchType !== undefined) query = query.where("launch_type", "=", filters.launchType);
      return (await query.where("id", ">", after).orderBy("id").limit(limit).execute()).map(({ id }) => id);
    },
    unfinished: async (lastStatus) => {
      const query =
        lastStatus === undefined ? tasks().where("last_status", "!=", "STOPPED") : tasks().where("last_status", "=", lastStatus);
      return (await query.select("id").orderBy("created_at").execute()).map(({ id }) => id);
    },
    count: async ({ account, region }, cluster) => {
      const rows = await tasks()
        .select((by) => ["last_status", by.fn.countAll<number>().as("count")])
        .where((by) => by.and({ account, region, cluster }))
        .groupBy("last_status")
        .execute();
      const of = (...states: TaskState[]) =>
        rows.filter(({ last_status }) => states.some((state) => state === last_status)).reduce((sum, { count }) => sum + Number(count), 0);
      return { running: of("RUNNING"), pending: of("PROVISIONING", "PENDING", "ACTIVATING") };
    },
    reserved: async () => {
      const placed = tasks()
        .select((by) => [by.fn.sum<number | null>("cpu_units").as("cpu"), by.fn.sum<number | null>("memory_bytes").as("memory")])
        .where("is_placed", "=", 1)
        .where("last_status", "!=", "STOPPED");
      return {
        placed: needOf(await placed.executeTakeFirst()),
        running: needOf(await placed.where("last_status", "in", ["RUNNING", "DEACTIVATING"]).executeTakeFirst()),
      };
    },
    add: (records, options) => store.transaction<Tables, Added>((tx) => addTasks(tx, store, records, options)),
    place: (id, room, now) =>
      store.transaction<Tables, Shortage | undefined>(async (tx) => {
        const row = await tx.selectFrom("ecs_tasks").selectAll().where("id", "=", id).executeTakeFirst();
        if (!row || row.is_placed === 1) return undefined;
        const task = taskOf(row);
        const shortage = shortageOf(task.wanted.need, await placedIn(tx), room);
        if (shortage !== undefined) return shortage;
        const placed: TaskRecord = { ...task, isPlaced: true, lastStatus: later(task.lastStatus, "PENDING"), version: task.version + 1 };
        await save(tx, { ...placed, observed: { ...task.observed, waitingReason: undefined } });
        await store.outbox.append(tx, [changeFact(placed, now)]);
        return undefined;
      }),
    requestStop: (id, stop) =>
      store.transaction<Tables, TaskRecord | undefined>(async (tx) => {
        const row = await tx.selectFrom("ecs_tasks").selectAll().where("id", "=", id).executeTakeFirst();
        if (!row) return undefined;
        const task = taskOf(row);
        if (task.stop || task.lastStatus === "STOPPED") return task;
        const stopped: TaskRecord = { ...task, stop, desiredStatus: "STOPPED", version: task.version + 1 };
        await save(tx, stopped);
        await store.outbox.append(tx, [changeFact(stopped, stop.at)]);
        return stopped;
      }),
    observe: (id, change, now) => store.transaction<Tables, TaskRecord | undefined>((tx) => observeTask(tx, store, { id, change, now })),
    setTags: (id, tags) =>
      store.transaction<Tables, void>(async (tx) => {
        await tx
          .updateTable("ecs_tasks")
          .set({ tags: JSON.stringify(tags) })
          .where("id", "=", id)
          .execute();
      }),
    dropOld: (now) =>
      store.transaction<Tables, void>(async (tx) => {
        const before = now - stoppedLifeMs;
        await tx
          .deleteFrom("ecs_run_tokens")
          .where("used_at", "<", now - tokenLifeMs)
          .execute();
        const old = tx.selectFrom("ecs_tasks").select("id").where("stopped_at", "<", before);
        await tx.deleteFrom("ecs_log_positions").where("task_id", "in", old).execute();
        await tx.deleteFrom("ecs_tasks").where("stopped_at", "<", before).execute();
      }),
  };
};

const needOf = (sums: { cpu: number | null; memory: number | null } | undefined): Need => ({
  cpuUnits: Number(sums?.cpu ?? 0),
  memoryBytes: Number(sums?.memory ?? 0),
});

const placedIn = async (tx: Transaction<Tables>): Promise<Need> =>
  needOf(
    await tx
      .selectFrom("ecs_tasks")
      .select((by) => [by.fn.sum<number | null>("cpu_units").as("cpu"), by.fn.sum<number | null>("memory_bytes").as("memory")])
      .where("is_placed", "=", 1)
      .where("last_status", "!=", "STOPPED")
      .executeTakeFirst(),
  );

const save = async (tx: Transaction<Tables>, task: TaskRecord): Promise<void> => {
  const { id, ...row } = rowOf(task);
  await tx.updateTable("ecs_tasks").set(row).where("id", "=", id).execute();
};

const addTasks = async (
  tx: Transaction<Tables>,
  store: Store,
  records: readonly TaskRecord[],
  { token, room, now }: { token: RunToken | undefined; room: Room | undefined; now: number },
): Promise<Added> => {
  const [first] = records;
  if (token && first) {
    const key = { account: first.account, region: first.region, cluster: first.cluster, token: token.token };
    const known = await tx
      .selectFrom("ecs_run_tokens")
      .selectAll()
      .where((by) => by.and(key))
      .executeTakeFirst();
    if (known) return { kind: "known", ids: JSON.parse(known.task_ids) as string[], isSame: known.request_hash === token.requestHash };
    const ids = JSON.stringify(records.map(({ id }) => id));
    await tx
      .insertInto("ecs_run_tokens")
      .values({ ...key, request_hash: token.requestHash, task_ids: ids, used_at: now })
      .execute();
  }
  const shortages: (Shortage | undefined)[] = [];
  const facts: Fact[] = [];
  for (const record of records) {
    const shortage = room && shortageOf(record.wanted.need, await placedIn(tx), room);
    shortages.push(shortage);
    if (shortage !== undefined) continue;
    await tx.insertInto("ecs_tasks").values(rowOf(record)).execute();
    facts.push(changeFact(record, now));
  }
  if (facts.length > 0) await store.outbox.append(tx, facts);
  return { kind: "added", shortages };
};

const observeTask = async (
  tx: Transaction<Tables>,
  store: Store,
  { id, change, now }: { id: string; change: Change; now: number },
): Promise<TaskRecord | undefined> => {
  const row = await tx.selectFrom("ecs_tasks").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) return undefined;
  const task = taskOf(row);
  const lastStatus = later(task.lastStatus, change.lastStatus ?? task.lastStatus);
  const stop = task.stop ?? change.stop;
  const isOver = lastStatus === "STOPPED";
  const next: TaskRecord = {
    ...task,
    lastStatus,
    stop,
    desiredStatus: stop ? "STOPPED" : task.desiredStatus,
    observed: { ...task.observed, ...change.observed },
    stoppedAt: isOver ? (task.stoppedAt ?? now) : undefined,
    version: task.version + 1,
  };
  await save(tx, next);
  await store.outbox.append(tx, [changeFact(next, now)]);
  return next;
};
