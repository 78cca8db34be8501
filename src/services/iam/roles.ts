import { checkTrust, encodeDocument } from "./documents.ts";
import { deletePoliciesFirst, detachFirst, noSuchRole, roleExists } from "./faults.ts";
import type { Iam, Role, Tag } from "./iam.ts";
import { newUniqueId } from "./unique-ids.ts";
import { pageOf } from "./pages.ts";

const describe = (role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  MaxSessionDuration: role.maxSessionSeconds,
  ...(role.description === undefined ? {} : { Description: role.description }),
  ...(role.permissionsBoundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: "PermissionsBoundaryPolicy" as const,
          PermissionsBoundaryArn: role.permissionsBoundary,
        },
      }),
});

export const CreateRole: Iam["CreateRole"] = async (input, { account, now, newId, roles }) => {
  const path = input.Path ?? "/";
  const role: Role = {
    account,
    name: input.RoleName,
    path,
    id: newUniqueId("AROA", newId()),
    arn: `arn:aws:iam::${account}:role${path}${input.RoleName}`,
    description: input.Description,
    trustPolicy: checkTrust(input.AssumeRolePolicyDocument),
    maxSessionSeconds: input.MaxSessionDuration ?? 3600,
    permissionsBoundary: input.PermissionsBoundary,
    tags: (input.Tags ?? []) as Tag[],
    createdAt: now,
    inlinePolicies: {},
    attachedPolicies: [],
  };
  if (!(await roles.add(role))) throw roleExists(role.name);
  return { Role: { ...describe(role), ...(role.tags.length > 0 ? { Tags: role.tags } : {}) } };
};

export const GetRole: Iam["GetRole"] = async (input, { account, roles }) => {
  const role = await roles.find(account, input.RoleName);
  if (!role) throw noSuchRole(input.RoleName);
  return { Role: { ...describe(role), ...(role.tags.length > 0 ? { Tags: role.tags } : {}), RoleLastUsed: {} } };
};

export const ListRoles: Iam["ListRoles"] = async (input, { account, roles }) => {
  const found = (await roles.list(account)).filter((role) => role.path.startsWith(input.PathPrefix ?? "/"));
  const { page, ...rest } = pageOf(found, input);
  return { Roles: page.map(describe), ...rest };
};

export const UpdateRole: Iam["UpdateRole"] = async (input, { account, roles }) => {
  const changed = await roles.change(account, input.RoleName, (role) => ({
    ...role,
    description: input.Description ?? role.description,
    maxSessionSeconds: input.MaxSessionDuration ?? role.maxSessionSeconds,
  }));
  if (!changed) throw noSuchRole(input.RoleName);
  return {};
};

export const UpdateRoleDescription: Iam["UpdateRoleDescription"] = async (input, { account, roles }) => {
  const role = await roles.change(account, input.RoleName, (before) => ({ ...before, description: input.Description }));
  if (!role) throw noSuchRole(input.RoleName);
  return { Role: describe(role) };
};

export const UpdateAssumeRolePolicy: Iam["UpdateAssumeRolePolicy"] = async (input, { account, roles }) => {
  const trustPolicy = checkTrust(input.PolicyDocument);
  if (!(await roles.change(account, input.RoleName, (role) => ({ ...role, trustPolicy })))) throw noSuchRole(input.RoleName);
  return {};
};

export const DeleteRole: Iam["DeleteRole"] = async (input, { account, roles }) => {
  const removed = await roles.remove(account, input.RoleName, (role) => {
    if (role.attachedPolicies.length > 0) throw detachFirst();
    if (Object.keys(role.inlinePolicies).length > 0) throw deletePoliciesFirst();
  });
  if (!removed) throw noSuchRole(input.RoleName);
  return {};
};

export const TagRole: Iam["TagRole"] = async (input, { account, roles }) => {
  const added = input.Tags as Tag[];
  const merge = (role: Role) => ({ ...role, tags: [...role.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key)), ...added] });
  if (!(await roles.change(account, input.RoleName, merge))) throw noSuchRole(input.RoleName);
  return {};
};

export const UntagRole: Iam["UntagRole"] = async (input, { account, roles }) => {
  const strip = (role: Role) => ({ ...role, tags: role.tags.filter(({ Key }) => !input.TagKeys.includes(Key)) });
  if (!(await roles.change(account, input.RoleName, strip))) throw noSuchRole(input.RoleName);
  return {};
};

export const ListRoleTags: Iam["ListRoleTags"] = async (input, { account, roles }) => {
  const role = await roles.find(account, input.RoleName);
  if (!role) throw noSuchRole(input.RoleName);
  const { page, ...rest } = pageOf(role.tags, input);
  return { Tags: page, ...rest };
};

/** There are no instances here, and so no instance profiles: tools ask before they delete a role. */
export const ListInstanceProfilesForRole: Iam["ListInstanceProfilesForRole"] = async (input, { account, roles }) => {
  if (!(await roles.find(account, input.RoleName))) throw noSuchRole(input.RoleName);
  return { InstanceProfiles: [], IsTruncated: false };
};
