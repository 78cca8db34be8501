import type { Store } from "#store/store.ts";
import type { FunctionName } from "./lambda.ts";
import type { Tables } from "./tables.ts";

export type Statement = { Sid: string; [member: string]: unknown };

export type Policy = { statements: Statement[]; revisionId: string };

export type PolicyRows = {
  find(fn: FunctionName, qualifier: string): Promise<Policy | undefined>;
  /** A policy without statements is none. */
  put(fn: FunctionName, qualifier: string, policy: Policy): Promise<void>;
};

export const newPolicyRows = (store: Store): PolicyRows => ({
  find: async ({ account, region, name }, qualifier) => {
    const row = await store
      .read<Tables>()
      .selectFrom("lambda_policies")
      .selectAll()
      .where("account", "=", account)
      .where("region", "=", region)
      .where("name", "=", name)
      .where("qualifier", "=", qualifier)
      .executeTakeFirst();
    return row && { statements: JSON.parse(row.statements) as Statement[], revisionId: row.revision_id };
  },
  put: ({ account, region, name }, qualifier, { statements, revisionId }) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx
        .deleteFrom("lambda_policies")
        .where("account", "=", account)
        .where("region", "=", region)
        .where("name", "=", name)
        .where("qualifier", "=", qualifier)
        .execute();
      if (statements.length === 0) return;
      const values = { account, region, name, qualifier, statements: JSON.stringify(statements), revision_id: revisionId };
      await tx.insertInto("lambda_policies").values(values).execute();
    }),
});
