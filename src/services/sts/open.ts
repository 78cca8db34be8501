import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { AssumeRole, GetAccessKeyInfo, GetCallerIdentity, GetSessionToken } from "./identities.ts";
import { migrations } from "./migrations/all.ts";
import { newSessionRows } from "./session-rows.ts";
import type { StsContext } from "./sts.ts";

export const openSts: OpenService = async ({ store }) => {
  await store.migrate("sts", migrations);
  const sessions = newSessionRows(store);
  return {
    operations: handlersOf<"sts", StsContext>()({ AssumeRole, GetAccessKeyInfo, GetCallerIdentity, GetSessionToken }),
    context: { sessions },
    findCredentials: sessions.find,
    reset: sessions.clear,
  };
};
