import type { Store } from "#store/store.ts";
import { validationError } from "./faults.ts";
import type { Place, Tables, Tx } from "./stack-rows.ts";

export type StackExport = { name: string; value: string; stackId: string };

/** What stacks export, and which stacks import it. */
export type ExportRows = {
  all(place: Place): Promise<StackExport[]>;
  values(place: Place): Promise<ReadonlyMap<string, string>>;
  /** Ids of the stacks that import an export. */
  importers(place: Place, name: string): Promise<string[]>;
  /**
   * Puts a stack's exports in the place of those it had.
   * @throws Fault when another stack exports the name, or one that goes or changes is in use
   */
  replace(tx: Tx, place: Place, wanted: { stackId: string; exports: ReadonlyMap<string, string> }): Promise<void>;
  addImports(tx: Tx, place: Place, wanted: { stackId: string; names: Iterable<string> }): Promise<void>;
  dropImports(tx: Tx, stackId: string): Promise<void>;
};

export const newExportRows = (store: Store): ExportRows => {
  const all = async ({ account, region }: Place): Promise<StackExport[]> => {
    const rows = await store
      .read<Tables>()
      .selectFrom("cloudformation_exports")
      .selectAll()
      .where("account", "=", account)
      .where("region", "=", region)
      .orderBy("name")
      .execute();
    return rows.map((row) => ({ name: row.name, value: row.value, stackId: row.stack_id }));
  };
  return {
    all,
    values: async (place) => new Map((await all(place)).map(({ name, value }) => [name, value])),
    importers: (place, name) => importersOf(store.read<Tables>(), place, name),
    replace: replaceExports,
    addImports: async (tx, { account, region }, { stackId, names }) => {
      for (const name of new Set(names))
        await tx
          .insertInto("cloudformation_imports")
          .values({ account, region, name, stack_id: stackId })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    },
    dropImports: async (tx, stackId) => {
      await tx.deleteFrom("cloudformation_imports").where("stack_id", "=", stackId).execute();
    },
  };
};

const importersOf = async (db: Pick<Tx, "selectFrom">, { account, region }: Place, name: string): Promise<string[]> => {
  const rows = await db
    .selectFrom("cloudformation_imports")
    .select("stack_id")
    .where("account", "=", account)
    .where("region", "=", region)
    .where("name", "=", name)
    .execute();
  return rows.map((row) => row.stack_id);
};

const replaceExports: ExportRows["replace"] = async (tx, place, { stackId, exports }) => {
  const before = await tx.selectFrom("cloudformation_exports").selectAll().where("stack_id", "=", stackId).execute();
  for (const { name, value } of before) {
    if (exports.get(name) === value) continue;
    const importers = await importersOf(tx, place, name);
    if (importers.length > 0) throw exportInUse(exports.has(name) ? "updated" : "deleted", name, importers);
  }
  await tx.deleteFrom("cloudformation_exports").where("stack_id", "=", stackId).execute();
  for (const [name, value] of exports) {
    const { account, region } = place;
    const other = await tx
      .selectFrom("cloudformation_exports")
      .select("stack_id")
      .where("account", "=", account)
      .where("region", "=", region)
      .where("name", "=", name)
      .executeTakeFirst();
    if (other) throw validationError(`Export with name ${name} is already exported by stack ${nameIn(other.stack_id)}`);
    await tx.insertInto("cloudformation_exports").values({ account, region, name, stack_id: stackId, value }).execute();
  }
};

const nameIn = (stackId: string): string => stackId.split("/")[1] ?? stackId;

export const exportInUse = (action: "updated" | "deleted", name: string, importers: readonly string[]) =>
  validationError(`Export ${name} cannot be ${action} as it is in use by ${importers.map((id) => nameIn(id)).join(" and ")}`);
