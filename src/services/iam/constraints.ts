import type { Constraint, Constraints } from "#wire/check.ts";

const name = (maxLength: number): Constraint => ({ pattern: /^[\w+=,.@-]+$/, minLength: 1, maxLength });
const role: Constraints = { RoleName: name(64) };
const rolePolicy: Constraints = { ...role, PolicyName: name(128) };
const arn: Constraints = { PolicyArn: { minLength: 20, maxLength: 2048 } };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and its siblings. */
export const constraints: Readonly<Record<string, Constraints>> = {
  CreateRole: { ...role, MaxSessionDuration: { min: 3600, max: 43_200 }, Description: { maxLength: 1000 } },
  GetRole: role,
  DeleteRole: role,
  UpdateRole: { ...role, MaxSessionDuration: { min: 3600, max: 43_200 } },
  PutRolePolicy: rolePolicy,
  GetRolePolicy: rolePolicy,
  DeleteRolePolicy: rolePolicy,
  AttachRolePolicy: { ...role, ...arn },
  DetachRolePolicy: { ...role, ...arn },
  CreatePolicy: { PolicyName: name(128) },
  GetPolicy: arn,
  DeletePolicy: arn,
};
