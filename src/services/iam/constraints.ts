import type { Constraint, Constraints } from "#wire/check.ts";

const invalidName = (member: string) =>
  `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
const name = (member: string, maxLength: number): Constraint => ({
  pattern: /^[\w+=,.@-]+$/,
  patternMessage: invalidName(member),
  minLength: 1,
  maxLength,
});
const path: Constraint = {
  pattern: /^\/(?:[\u0021-\u007E]+\/)?$/,
  patternMessage:
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  minLength: 1,
  maxLength: 512,
};
const role: Constraints = { RoleName: name("roleName", 64) };
const rolePolicy: Constraints = { ...role, PolicyName: name("policyName", 128) };
const arn: Constraints = { PolicyArn: { minLength: 20, maxLength: 2048 } };
const pages: Constraints = { MaxItems: { min: 1, max: 1000 }, Marker: { minLength: 1 } };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and its siblings. */
export const constraints: Readonly<Record<string, Constraints>> = {
  CreateRole: { ...role, Path: path, MaxSessionDuration: { min: 3600, max: 43_200 }, Description: { maxLength: 1000 } },
  GetRole: role,
  DeleteRole: role,
  ListRoles: pages,
  UpdateRole: { ...role, MaxSessionDuration: { min: 3600, max: 43_200 }, Description: { maxLength: 1000 } },
  UpdateAssumeRolePolicy: role,
  PutRolePolicy: rolePolicy,
  GetRolePolicy: rolePolicy,
  DeleteRolePolicy: rolePolicy,
  ListRolePolicies: { ...role, ...pages },
  ListAttachedRolePolicies: { ...role, ...pages },
  AttachRolePolicy: { ...role, ...arn },
  DetachRolePolicy: { ...role, ...arn },
  CreatePolicy: { PolicyName: name("policyName", 128), Path: path },
  GetPolicy: arn,
  DeletePolicy: arn,
  CreatePolicyVersion: arn,
  ListPolicyVersions: { ...arn, ...pages },
  ListPolicies: { ...pages, Scope: { enum: ["All", "AWS", "Local"] } },
};
