import type { Call } from "./operation.ts";

/** Who calls: the account that owns what is made, and the principal that policies speak of. */
export type Caller = {
  account: string;
  /** `arn:aws:iam::000000000000:root`, `arn:aws:sts::…:assumed-role/name/session` */
  arn: string;
  /** The unique id of the principal, as GetCallerIdentity shows it. */
  userId: string;
  accessKeyId: string;
};

/** What every handler gets besides its service's own context. */
export type RequestContext = {
  readonly account: string;
  readonly region: string;
  readonly caller: Caller;
  readonly requestId: string;
  /** Milliseconds since the epoch at which the request began. */
  readonly now: number;
  readonly newId: () => string;
  /** Calls another service in process, as the same caller. */
  readonly call: Call;
  /** Scheme, host and port by which the client reached us (`http://localhost:4566`): the base of URLs in answers. */
  readonly endpoint: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Checksums and other headers that come behind a chunked body; complete when the body has been read. Names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
};

/** Structured logging, fields first, as pino has it. Never a secret, never a body. */
export type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (fields: Record<string, unknown>, message: string) => void>>;

/** Credentials that the cloud has issued. */
export type IssuedCredentials = Caller & { secretAccessKey: string; sessionToken?: string; expiresAt?: number };

export type FindCredentials = (accessKeyId: string) => Promise<IssuedCredentials | undefined>;

export type Handler = (input: never, context: never) => Promise<unknown>;
