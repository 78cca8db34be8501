import type { Store } from "#store/store.ts";
import type { Alias, FunctionName } from "./lambda.ts";
import type { Tables } from "./tables.ts";

export type AliasRows = {
  find(fn: FunctionName, alias: string): Promise<Alias | undefined>;
  put(alias: Alias): Promise<void>;
  remove(fn: FunctionName, alias: string): Promise<void>;
  list(fn: FunctionName): Promise<Alias[]>;
};

const parse = (row: { configuration: string }) => JSON.parse(row.configuration) as Alias;

export const newAliasRows = (store: Store): AliasRows => {
  const of = ({ account, region, name }: FunctionName) =>
    store
      .read<Tables>()
      .selectFrom("lambda_aliases")
      .select("configuration")
      .where("account", "=", account)
      .where("region", "=", region)
      .where("name", "=", name);
  return {
    find: async (fn, alias) => {
      const row = await of(fn).where("alias", "=", alias).executeTakeFirst();
      return row && parse(row);
    },
    put: (alias) =>
      store.transaction<Tables, void>(async (tx) => {
        const { account, region, name } = alias;
        const values = { account, region, name, alias: alias.alias, configuration: JSON.stringify(alias) };
        await tx
          .insertInto("lambda_aliases")
          .values(values)
          .onConflict((conflict) =>
            conflict.columns(["account", "region", "name", "alias"]).doUpdateSet({ configuration: values.configuration }),
          )
          .execute();
      }),
    remove: ({ account, region, name }, alias) =>
      store.transaction<Tables, void>(async (tx) => {
        await tx
          .deleteFrom("lambda_aliases")
          .where("account", "=", account)
          .where("region", "=", region)
          .where("name", "=", name)
          .where("alias", "=", alias)
          .execute();
      }),
    list: async (fn) => (await of(fn).orderBy("alias").execute()).map(parse),
  };
};
