import type { Store } from "#store/store.ts";
import type { ManagedPolicy } from "./iam.ts";

type Tables = { iam_policies: { account: string; arn: string; policy: string } };

export type PolicyRows = {
  find(arn: string): Promise<ManagedPolicy | undefined>;
  list(account: string): Promise<ManagedPolicy[]>;
  add(policy: ManagedPolicy): Promise<boolean>;
  change(arn: string, change: (policy: ManagedPolicy) => ManagedPolicy): Promise<ManagedPolicy | undefined>;
  remove(arn: string): Promise<boolean>;
  clear(): Promise<void>;
};

export const newPolicyRows = (store: Store): PolicyRows => {
  const find = async (arn: string, db = store.read<Tables>()) => {
    const row = await db.selectFrom("iam_policies").select("policy").where("arn", "=", arn).executeTakeFirst();
    return row && (JSON.parse(row.policy) as ManagedPolicy);
  };
  return {
    find: (arn) => find(arn),
    list: async (account) =>
      (await store.read<Tables>().selectFrom("iam_policies").select("policy").where("account", "=", account).orderBy("arn").execute()).map(
        ({ policy }) => JSON.parse(policy) as ManagedPolicy,
      ),
    add: (policy) =>
      store.transaction<Tables, boolean>(async (tx) => {
        if (await find(policy.arn, tx)) return false;
        await tx
          .insertInto("iam_policies")
          .values({ account: policy.account, arn: policy.arn, policy: JSON.stringify(policy) })
          .execute();
        return true;
      }),
    change: (arn, change) =>
      store.transaction<Tables, ManagedPolicy | undefined>(async (tx) => {
        const before = await find(arn, tx);
        if (!before) return undefined;
        const after = change(before);
        await tx
          .updateTable("iam_policies")
          .set({ policy: JSON.stringify(after) })
          .where("arn", "=", arn)
          .execute();
        return after;
      }),
    remove: (arn) =>
      store.transaction<Tables, boolean>(async (tx) => {
        const { numDeletedRows } = await tx.deleteFrom("iam_policies").where("arn", "=", arn).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    clear: () => store.transaction<Tables, void>(async (tx) => void (await tx.deleteFrom("iam_policies").execute())),
  };
};
