import type { Store } from "#store/store.ts";
import type { Scope } from "./ecs.ts";
import type { Tables } from "./tables.ts";

export type AccountSetting = { principal: string; name: string; value: string };

export type SettingRows = {
  list(scope: Scope): Promise<AccountSetting[]>;
  put(scope: Scope, setting: AccountSetting): Promise<void>;
  remove(scope: Scope, setting: { principal: string; name: string }): Promise<void>;
};

export const newSettingRows = (store: Store): SettingRows => ({
  list: ({ account, region }) =>
    store
      .read<Tables>()
      .selectFrom("ecs_settings")
      .select(["principal", "name", "value"])
      .where((by) => by.and({ account, region }))
      .execute(),
  put: ({ account, region }, setting) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx
        .insertInto("ecs_settings")
        .values({ account, region, ...setting })
        .onConflict((conflict) => conflict.columns(["account", "region", "principal", "name"]).doUpdateSet({ value: setting.value }))
        .execute();
    }),
  remove: ({ account, region }, { principal, name }) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx
        .deleteFrom("ecs_settings")
        .where((by) => by.and({ account, region, principal, name }))
        .execute();
    }),
});
