import { awsManagedPolicies } from "./aws-managed-policies.ts";
import { checkDocument, encodeDocument } from "./documents.ts";
import { noSuchAttachment, noSuchRole, noSuchRolePolicy, notAttachable } from "./faults.ts";
import type { Iam } from "./iam.ts";
import { pageOf } from "./pages.ts";

export const PutRolePolicy: Iam["PutRolePolicy"] = async (input, { account, roles }) => {
  const document = checkDocument(input.PolicyDocument);
  const changed = await roles.change(account, input.RoleName, (role) => ({
    ...role,
    inlinePolicies: { ...role.inlinePolicies, [input.PolicyName]: document },
  }));
  if (!changed) throw noSuchRole(input.RoleName);
  return {};
};

export const GetRolePolicy: Iam["GetRolePolicy"] = async (input, { account, roles }) => {
  const role = await roles.find(account, input.RoleName);
  if (!role) throw noSuchRole(input.RoleName);
  const document = role.inlinePolicies[input.PolicyName];
  if (document === undefined) throw noSuchRolePolicy(input.PolicyName);
  return { RoleName: role.name, PolicyName: input.PolicyName, PolicyDocument: encodeDocument(document) };
};

export const ListRolePolicies: Iam["ListRolePolicies"] = async (input, { account, roles }) => {
  const role = await roles.find(account, input.RoleName);
  if (!role) throw noSuchRole(input.RoleName);
  const { page, ...rest } = pageOf(Object.keys(role.inlinePolicies).toSorted(), input);
  return { PolicyNames: page, ...rest };
};

export const DeleteRolePolicy: Iam["DeleteRolePolicy"] = async (input, { account, roles }) => {
  const changed = await roles.change(account, input.RoleName, (role) => {
    const { [input.PolicyName]: removed, ...inlinePolicies } = role.inlinePolicies;
    if (removed === undefined) throw noSuchRolePolicy(input.PolicyName);
    return { ...role, inlinePolicies };
  });
  if (!changed) throw noSuchRole(input.RoleName);
  return {};
};

export const AttachRolePolicy: Iam["AttachRolePolicy"] = async (input, { account, roles, policies }) => {
  if (!awsManagedPolicies.has(input.PolicyArn) && !(await policies.find(input.PolicyArn))) throw notAttachable(input.PolicyArn);
  const changed = await roles.change(account, input.RoleName, (role) => ({
    ...role,
    attachedPolicies: [...role.attachedPolicies.filter((arn) => arn !== input.PolicyArn), input.PolicyArn],
  }));
  if (!changed) throw noSuchRole(input.RoleName);
  return {};
};

export const DetachRolePolicy: Iam["DetachRolePolicy"] = async (input, { account, roles }) => {
  const changed = await roles.change(account, input.RoleName, (role) => {
    if (!role.attachedPolicies.includes(input.PolicyArn)) throw noSuchAttachment(input.PolicyArn);
    return { ...role, attachedPolicies: role.attachedPolicies.filter((arn) => arn !== input.PolicyArn) };
  });
  if (!changed) throw noSuchRole(input.RoleName);
  return {};
};

export const ListAttachedRolePolicies: Iam["ListAttachedRolePolicies"] = async (input, { account, roles }) => {
  const role = await roles.find(account, input.RoleName);
  if (!role) throw noSuchRole(input.RoleName);
  const { page, ...rest } = pageOf(role.attachedPolicies, input);
  return { AttachedPolicies: page.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn })), ...rest };
};
