import { accepting, document, integer, list, replacing, required, resourceType, struct, tagChanges, tags, text } from "../resource-type.ts";
import type { JsonMembers, ResourceContext } from "../resource-type.ts";

type Call = ResourceContext["call"];

const policy = struct({ PolicyName: required(text()), PolicyDocument: required(document()) });
const written = (value: JsonMembers): string => JSON.stringify(value);

const gone = /^NoSuchEntity/;
const exists = /^EntityAlreadyExists/;
const ignoreMissing = (work: Promise<unknown>) => accepting(work, gone);

const roleOf = async (call: Call, name: string) => {
  const { Role } = await call("iam", "GetRole", { RoleName: name });
  return { physicalId: name, attributes: { Arn: Role?.Arn ?? "", RoleId: Role?.RoleId ?? "" } };
};

type RoleParts = { ManagedPolicyArns?: readonly string[]; Policies?: readonly { PolicyName: string; PolicyDocument: JsonMembers }[] };

const setRoleParts = async (call: Call, name: string, { wanted, before }: { wanted: RoleParts; before: RoleParts }): Promise<void> => {
  const arns = wanted.ManagedPolicyArns ?? [];
  for (const PolicyArn of arns) await call("iam", "AttachRolePolicy", { RoleName: name, PolicyArn });
  for (const PolicyArn of before.ManagedPolicyArns ?? [])
    if (!arns.includes(PolicyArn)) await ignoreMissing(call("iam", "DetachRolePolicy", { RoleName: name, PolicyArn }));
  const policies = wanted.Policies ?? [];
  for (const { PolicyName, PolicyDocument } of policies)
    await call("iam", "PutRolePolicy", { RoleName: name, PolicyName, PolicyDocument: written(PolicyDocument) });
  for (const { PolicyName } of before.Policies ?? [])
    if (!policies.some((each) => each.PolicyName === PolicyName))
      await ignoreMissing(call("iam", "DeleteRolePolicy", { RoleName: name, PolicyName }));
};

const role = resourceType({
  name: "AWS::IAM::Role",
  properties: {
    AssumeRolePolicyDocument: required(document()),
    Description: text(),
    ManagedPolicyArns: list(text()),
    MaxSessionDuration: integer(),
    Path: replacing(text()),
    Policies: list(policy),
    RoleName: replacing(text()),
    Tags: tags(),
  },
  attributes: ["Arn", "RoleId"],
  create: async ({ properties, isRepeated }, { call, name, created }) => {
    const RoleName = properties.RoleName ?? name({ longest: 64 });
    const { Description, MaxSessionDuration, Path, Tags } = properties;
    const input = {
      RoleName,
      Description,
      MaxSessionDuration,
      Path,
      AssumeRolePolicyDocument: written(properties.AssumeRolePolicyDocument),
    };
    await accepting(call("iam", "CreateRole", { ...input, Tags: Tags && [...Tags] }), exists, isRepeated);
    await created(RoleName);
    await setRoleParts(call, RoleName, { wanted: properties, before: {} });
    return roleOf(call, RoleName);
  },
  update: async ({ properties }, { physicalId, properties: before }, { call }) => {
    const PolicyDocument = written(properties.AssumeRolePolicyDocument);
    await call("iam", "UpdateAssumeRolePolicy", { RoleName: physicalId, PolicyDocument });
    await call("iam", "UpdateRole", {
      RoleName: physicalId,
      Description: properties.Description ?? "",
      MaxSessionDuration: properties.MaxSessionDuration ?? 3600,
    });
    await setRoleParts(call, physicalId, { wanted: properties, before });
    const { set, gone: keys } = tagChanges(before.Tags, properties.Tags);
    if (keys.length > 0) await call("iam", "UntagRole", { RoleName: physicalId, TagKeys: keys });
    if (set.length > 0) await call("iam", "TagRole", { RoleName: physicalId, Tags: set });
    return roleOf(call, physicalId);
  },
  remove: async ({ physicalId, properties }, { call }) => {
    await ignoreMissing(
      (async () => {
        await setRoleParts(call, physicalId, { wanted: {}, before: properties });
        await call("iam", "DeleteRole", { RoleName: physicalId });
      })(),
    );
  },
});

const inlinePolicy = resourceType({
  name: "AWS::IAM::Policy",
  properties: { PolicyName: required(replacing(text())), PolicyDocument: required(document()), Roles: required(list(text())) },
  create: async ({ properties: { PolicyName, PolicyDocument, Roles } }, { call, name }) => {
    for (const RoleName of Roles) await call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument: written(PolicyDocument) });
    return { physicalId: name() };
  },
  update: async ({ properties: { PolicyName, PolicyDocument, Roles } }, { physicalId, properties: before }, { call }) => {
    for (const RoleName of Roles) await call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument: written(PolicyDocument) });
    for (const RoleName of before.Roles)
      if (!Roles.includes(RoleName)) await ignoreMissing(call("iam", "DeleteRolePolicy", { RoleName, PolicyName }));
    return { physicalId };
  },
  remove: async ({ properties: { PolicyName, Roles } }, { call }) => {
    for (const RoleName of Roles) await ignoreMissing(call("iam", "DeleteRolePolicy", { RoleName, PolicyName }));
  },
});

const managedPolicy = resourceType({
  name: "AWS::IAM::ManagedPolicy",
  properties: {
    Description: replacing(text()),
    ManagedPolicyName: replacing(text()),
    Path: replacing(text()),
    PolicyDocument: required(document()),
    Roles: list(text()),
  },
  attributes: ["PolicyArn"],
  create: async ({ properties, isRepeated }, { call, name, created, accountId }) => {
    const PolicyName = properties.ManagedPolicyName ?? name();
    const { Description, Path } = properties;
    await accepting(
      call("iam", "CreatePolicy", { PolicyName, Description, Path, PolicyDocument: written(properties.PolicyDocument) }),
      exists,
      isRepeated,
    );
    const arn = `arn:aws:iam::${accountId}:policy${Path ?? "/"}${PolicyName}`;
    await created(arn);
    for (const RoleName of properties.Roles ?? []) await call("iam", "AttachRolePolicy", { RoleName, PolicyArn: arn });
    return { physicalId: arn, attributes: { PolicyArn: arn } };
  },
  update: async ({ properties }, { physicalId, properties: before, attributes }, { call }) => {
    if (written(properties.PolicyDocument) !== written(before.PolicyDocument))
      await replaceDocument(call, physicalId, written(properties.PolicyDocument));
    for (const RoleName of properties.Roles ?? []) await call("iam", "AttachRolePolicy", { RoleName, PolicyArn: physicalId });
    for (const RoleName of before.Roles ?? [])
      if (properties.Roles?.includes(RoleName) !== true)
        await ignoreMissing(call("iam", "DetachRolePolicy", { RoleName, PolicyArn: physicalId }));
    return { physicalId, attributes };
  },
  remove: async ({ physicalId, properties }, { call }) => {
    for (const RoleName of properties.Roles ?? [])
      await ignoreMissing(call("iam", "DetachRolePolicy", { RoleName, PolicyArn: physicalId }));
    await ignoreMissing(dropVersions(call, physicalId));
    await ignoreMissing(call("iam", "DeletePolicy", { PolicyArn: physicalId }));
  },
});

/** A policy has five versions at most: those that are not in force give way. */
const dropVersions = async (call: Call, PolicyArn: string): Promise<void> => {
  const { Versions } = await call("iam", "ListPolicyVersions", { PolicyArn });
  for (const { VersionId, IsDefaultVersion } of Versions ?? [])
    if (IsDefaultVersion !== true && VersionId !== undefined) await call("iam", "DeletePolicyVersion", { PolicyArn, VersionId });
};

const replaceDocument = async (call: Call, PolicyArn: string, PolicyDocument: string): Promise<void> => {
  await dropVersions(call, PolicyArn);
  await call("iam", "CreatePolicyVersion", { PolicyArn, PolicyDocument, SetAsDefault: true });
};

export const resourceTypes = [role, inlinePolicy, managedPolicy];
