import type { Architecture, EphemeralStorage, ImageConfig, PackageType, Runtime } from "@aws-sdk/client-lambda";
import type { Store } from "#store/store.ts";
import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { AliasRows } from "./alias-rows.ts";
import type { CodeStore } from "./code/code-store.ts";
import type { CodeLocations } from "./code/locations.ts";
import type { EventRows } from "./event-rows.ts";
import type { Executions } from "./execution/executions.ts";
import type { FunctionRows } from "./function-rows.ts";
import type { PolicyRows } from "./policy-rows.ts";

export type LambdaContext = RequestContext & {
  functions: FunctionRows;
  aliases: AliasRows;
  policies: PolicyRows;
  events: EventRows;
  code: CodeStore;
  locations: CodeLocations;
  executions: Executions;
  store: Store;
  /** Whether several may use this cloud: it asks who calls. */
  isShared: boolean;
  /** Says that a function's `$LATEST` is to be made ready. */
  activate: (fn: FunctionName) => void;
  /** Says that an event waits to be handed on. */
  deliver: (eventId: string) => void;
};

export type Lambda = Operations<SdkModules["lambda"], LambdaContext>;

export type FunctionName = { account: string; region: string; name: string };

export type StoredFunction = FunctionName & {
  reservedConcurrency: number | undefined;
  tags: Record<string, string>;
};

/** One version of a function, `$LATEST` among them: all that is needed to run it. */
export type FunctionVersion = FunctionName & {
  version: string;
  description: string;
  role: string;
  runtime?: Runtime;
  handler?: string;
  packageType: PackageType;
  imageUri?: string;
  /** What the tag of an image of our registry stood for when the function got it. */
  imageDigest?: string;
  imageConfig?: ImageConfig;
  /** SHA-256 of the zip in hex: its blob and the folder with its files. */
  codeDigest?: string;
  /** The machine's folder that is the code, as it is at each start of an environment. */
  hotReloadPath?: string;
  codeSha256: string;
  codeSizeBytes: number;
  timeoutSeconds: number;
  memoryMb: number;
  ephemeralStorage: EphemeralStorage;
  architectures: Architecture[];
  environment: Record<string, string>;
  tracingMode: "Active" | "PassThrough";
  logFormat: "Text" | "JSON";
  logGroup: string;
  deadLetterArn?: string;
  lastModified: number;
  revisionId: string;
  state: "Pending" | "Active" | "Failed";
  stateReason?: string;
  updateStatus: "InProgress" | "Successful" | "Failed";
};

export type AliasRouting = { version: string; weights: Record<string, number> };

export type Alias = FunctionName & AliasRouting & { alias: string; description: string; revisionId: string };
