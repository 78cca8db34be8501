import type { Caller } from "#wire/context.ts";

/** The account itself, for what the platform does in its name. */
export const callerOf = (account: string): Caller => ({
  account,
  arn: `arn:aws:iam::${account}:root`,
  userId: account,
  accessKeyId: "",
});
