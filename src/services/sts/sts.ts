import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { SessionRows } from "./session-rows.ts";

export type StsContext = RequestContext & { sessions: SessionRows };

export type Sts = Operations<SdkModules["sts"], StsContext>;

/** Temporary credentials and whom they stand for. */
export type Session = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  account: string;
  arn: string;
  userId: string;
  expiresAt: number;
};
