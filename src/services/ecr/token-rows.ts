import { createHash } from "node:crypto";
import type { Store } from "#store/store.ts";
import type { Tables } from "./tables.ts";

/** Whom a registry password stands for. */
type TokenBearer = { account: string; arn: string };

export type TokenRows = {
  find(token: string, now: number): Promise<TokenBearer | undefined>;
  put(token: string, bearer: TokenBearer & { expiresAt: number }, now: number): Promise<void>;
};

/** Only hashes of tokens are kept. */
export const newTokenRows = (store: Store): TokenRows => ({
  find: async (token, now) => {
    const row = await store
      .read<Tables>()
      .selectFrom("ecr_tokens")
      .selectAll()
      .where("token_hash", "=", hash(token))
      .where("expires_at", ">", now)
      .executeTakeFirst();
    return row && { account: row.account, arn: row.arn };
  },
  put: (token, { account, arn, expiresAt }, now) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("ecr_tokens").where("expires_at", "<", now).execute();
      await tx
        .insertInto("ecr_tokens")
        .values({ token_hash: hash(token), account, arn, expires_at: expiresAt })
        .execute();
    }),
});

const hash = (token: string) => createHash("sha256").update(token).digest("hex");
