import type { RequestContext } from "#wire/context.ts";
import type { Operations } from "#wire/operation.ts";
import type { SdkModules } from "#wire/sdk.ts";
import type { PolicyRows } from "./policy-rows.ts";
import type { RoleRows } from "./role-rows.ts";

export type IamContext = RequestContext & { roles: RoleRows; policies: PolicyRows };

export type Iam = Operations<SdkModules["iam"], IamContext>;

export type Tag = { Key: string; Value: string };

/** A role with the policies written into it and the managed ones attached to it. */
export type Role = {
  account: string;
  name: string;
  path: string;
  id: string;
  arn: string;
  description: string | undefined;
  /** The trust policy, as it was given. */
  trustPolicy: string;
  maxSessionSeconds: number;
  permissionsBoundary: string | undefined;
  tags: Tag[];
  createdAt: number;
  inlinePolicies: Record<string, string>;
  /** ARNs, in the order of attachment. */
  attachedPolicies: string[];
};

export type ManagedPolicy = {
  account: string;
  name: string;
  path: string;
  id: string;
  arn: string;
  description: string | undefined;
  tags: Tag[];
  createdAt: number;
  updatedAt: number;
  defaultVersion: string;
  versions: { id: string; document: string; createdAt: number }[];
};
