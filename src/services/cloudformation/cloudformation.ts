import type { Capability, ResourceStatus, StackStatus, Tag } from "@aws-sdk/client-cloudformation";
import type { Caller, RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { ResourceType } from "../resource-type.ts";
import type { ChangeSetRows } from "./change-set-rows.ts";
import type { ExportRows } from "./export-rows.ts";
import type { ResourceChange } from "./plan-changes.ts";
import type { Instance } from "./plan-deployment.ts";
import type { StackRows } from "./stack-rows.ts";
import type { JsonObject } from "./template/json.ts";
import type { Output } from "./template/outputs.ts";
import type { ParameterValues } from "./template/parameter-values.ts";

export type CloudFormationContext = RequestContext & {
  stacks: StackRows;
  changeSets: ChangeSetRows;
  exports: ExportRows;
  types: () => Promise<ReadonlyMap<string, ResourceType>>;
  /** Says that a stack has something to do. */
  deploy: (stackId: string) => void;
};

export type CloudFormation = Operations<SdkModules["cloudformation"], CloudFormationContext>;

/** What a stack is to be: a template and all that fills it in. */
export type Desired = {
  templateBody: string;
  values: ParameterValues;
  tags: readonly Tag[];
  capabilities: readonly Capability[];
};

export type Phase = "converge" | "rollback" | "cleanup" | "remove";

/** What a stack is doing; it is carried on after a restart. */
export type StackOperation = {
  id: string;
  kind: "create" | "update" | "delete";
  phase: Phase;
  target: Desired;
  onFailure: "ROLLBACK" | "DO_NOTHING" | "DELETE";
  caller: Caller;
  startedAt: number;
  token: string | undefined;
  /** Logical ids that a deletion leaves alone. */
  retained: readonly string[];
};

export type Stack = {
  stackId: string;
  account: string;
  region: string;
  name: string;
  status: StackStatus;
  statusReason: string | undefined;
  createdAt: number;
  updatedAt: number | undefined;
  deletedAt: number | undefined;
  changeSetId: string | undefined;
  /** What it was last brought to; while it is created, what it is to be. */
  desired: Desired;
  outputs: readonly Output[];
  operation: StackOperation | undefined;
  /** The client tokens of what was asked for before, newest last. */
  tokens: readonly string[];
  roleArn: string | undefined;
  disableRollback: boolean;
  timeoutMinutes: number | undefined;
  terminationProtection: boolean;
  /** The nested stack's parent and the root of the tree. */
  parentId: string | undefined;
  rootId: string | undefined;
  description: string | undefined;
  noEcho: readonly string[];
};

/** What a caller wants of a stack that is doing something. */
export type Interrupt = { do: "delete"; operation: StackOperation } | { do: "cancel" };

/** An instance of a resource, with all that is needed to change and remove it. */
export type StackResource = Omit<Instance, "role"> & {
  role: Instance["role"] | "gone";
  type: string;
  physicalId: string | undefined;
  status: ResourceStatus;
  statusReason: string | undefined;
  /** As last deployed. */
  properties: JsonObject;
  attributes: JsonObject;
  deletionPolicy: "Delete" | "Retain" | "RetainExceptOnCreate";
  updateReplacePolicy: "Delete" | "Retain" | "RetainExceptOnCreate";
  metadata: string | undefined;
  stackTags: readonly Tag[];
  /** The operation that made it, and the one that put another in its place. */
  createdBy: string;
  replacedBy: string | undefined;
  changedAt: number;
};

export type StackEventRecord = {
  eventId: string;
  at: number;
  logicalId: string;
  physicalId: string;
  type: string;
  status: ResourceStatus | StackStatus;
  reason: string | undefined;
  properties: string | undefined;
  token: string | undefined;
};

export type ChangeSet = {
  changeSetId: string;
  stackId: string;
  name: string;
  type: "CREATE" | "UPDATE";
  description: string | undefined;
  createdAt: number;
  status: "CREATE_COMPLETE" | "FAILED";
  statusReason: string | undefined;
  executionStatus: "AVAILABLE" | "UNAVAILABLE" | "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED" | "OBSOLETE";
  desired: Desired;
  changes: readonly ResourceChange[];
  onStackFailure: "DO_NOTHING" | "ROLLBACK" | "DELETE" | undefined;
  roleArn: string | undefined;
  noEcho: readonly string[];
  token: string | undefined;
};

export const stackType = "AWS::CloudFormation::Stack";
