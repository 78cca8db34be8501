import type { Store } from "#store/store.ts";
import type { FindCredentials } from "#wire/context.ts";
import type { Session } from "./sts.ts";

type Tables = {
  sts_sessions: {
    access_key_id: string;
    secret_access_key: string;
    session_token: string;
    account: string;
    arn: string;
    user_id: string;
    expires_at: number;
  };
};

export type SessionRows = {
  find: FindCredentials;
  /** Adds a session and drops those that ended before `now`. */
  put(session: Session, now: number): Promise<void>;
  clear(): Promise<void>;
};

export const newSessionRows = (store: Store): SessionRows => ({
  find: async (accessKeyId) => {
    const row = await store
      .read<Tables>()
      .selectFrom("sts_sessions")
      .selectAll()
      .where("access_key_id", "=", accessKeyId)
      .executeTakeFirst();
    return (
      row && {
        accessKeyId: row.access_key_id,
        secretAccessKey: row.secret_access_key,
        sessionToken: row.session_token,
        account: row.account,
        arn: row.arn,
        userId: row.user_id,
        expiresAt: row.expires_at,
      }
    );
  },
  put: (session, now) =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("sts_sessions").where("expires_at", "<", now).execute();
      await tx
        .insertInto("sts_sessions")
        .values({
          access_key_id: session.accessKeyId,
          secret_access_key: session.secretAccessKey,
          session_token: session.sessionToken,
          account: session.account,
          arn: session.arn,
          user_id: session.userId,
          expires_at: session.expiresAt,
        })
        .execute();
    }),
  clear: () => store.transaction<Tables, void>(async (tx) => void (await tx.deleteFrom("sts_sessions").execute())),
});
