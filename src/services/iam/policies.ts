import { awsManagedPolicies } from "./aws-managed-policies.ts";
import { checkDocument, encodeDocument } from "./documents.ts";
import {
  defaultVersionStays,
  deleteVersionsFirst,
  noSuchPolicy,
  noSuchVersion,
  policyExists,
  policyIsAttached,
  policyNotAllowed,
  tooManyVersions,
} from "./faults.ts";
import type { Iam, IamContext, ManagedPolicy, Tag } from "./iam.ts";
import { pageOf } from "./pages.ts";
import { newUniqueId } from "./unique-ids.ts";

const maxVersions = 5;
/** When AWS made its first managed policies: the date that these carry. */
const awsPoliciesSince = Date.UTC(2015, 1, 6);

const describe = (policy: ManagedPolicy, attachments: number) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attachments,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
});

const ofAws = (arn: string, document: string): ManagedPolicy => {
  const full = arn.slice("arn:aws:iam::aws:policy".length);
  const name = full.slice(full.lastIndexOf("/") + 1);
  const times = { createdAt: awsPoliciesSince, updatedAt: awsPoliciesSince };
  const versions = [{ id: "v1", document, createdAt: awsPoliciesSince }];
  const path = full.slice(0, full.length - name.length);
  return {
    account: "aws",
    name,
    path,
    id: newUniqueId("ANPA", arn),
    arn,
    description: undefined,
    tags: [],
    ...times,
    defaultVersion: "v1",
    versions,
  };
};

const findPolicy = async (arn: string, { policies }: IamContext): Promise<ManagedPolicy> => {
  const document = awsManagedPolicies.get(arn);
  const policy = document === undefined ? await policies.find(arn) : ofAws(arn, document);
  if (!policy) throw noSuchPolicy(arn);
  return policy;
};

const changePolicy = async (arn: string, context: IamContext, change: (policy: ManagedPolicy) => ManagedPolicy): Promise<ManagedPolicy> => {
  if (awsManagedPolicies.has(arn)) throw policyNotAllowed();
  const changed = await context.policies.change(arn, change);
  if (!changed) throw noSuchPolicy(arn);
  return changed;
};

export const CreatePolicy: Iam["CreatePolicy"] = async (input, { account, now, newId, policies }) => {
  const path = input.Path ?? "/";
  const policy: ManagedPolicy = {
    account,
    name: input.PolicyName,
    path,
    id: newUniqueId("ANPA", newId()),
    arn: `arn:aws:iam::${account}:policy${path}${input.PolicyName}`,
    description: input.Description,
    tags: (input.Tags ?? []) as Tag[],
    createdAt: now,
    updatedAt: now,
    defaultVersion: "v1",
    versions: [{ id: "v1", document: checkDocument(input.PolicyDocument), createdAt: now }],
  };
  if (!(await policies.add(policy))) throw policyExists(policy.name);
  return { Policy: { ...describe(policy, 0), ...(policy.tags.length > 0 ? { Tags: policy.tags } : {}) } };
};

export const GetPolicy: Iam["GetPolicy"] = async (input, context) => {
  const policy = await findPolicy(input.PolicyArn, context);
  const attached = await context.roles.attachedTo(context.account, policy.arn);
  const description = policy.description === undefined ? {} : { Description: policy.description };
  return { Policy: { ...describe(policy, attached.length), ...description, Tags: policy.tags } };
};

export const ListPolicies: Iam["ListPolicies"] = async (input, { account, policies, roles }) => {
  const own = input.Scope === "AWS" ? [] : await policies.list(account);
  const aws = input.Scope === "Local" ? [] : [...awsManagedPolicies].map(([arn, document]) => ofAws(arn, document));
  const counted = await Promise.all(
    [...own, ...aws].map(async (policy) => ({ policy, count: (await roles.attachedTo(account, policy.arn)).length })),
  );
  const found = counted.filter(
    ({ policy, count }) => policy.path.startsWith(input.PathPrefix ?? "/") && (!input.OnlyAttached || count > 0),
  );
  const { page, ...rest } = pageOf(found, input);
  return { Policies: page.map(({ policy, count }) => describe(policy, count)), ...rest };
};

export const DeletePolicy: Iam["DeletePolicy"] = async (input, context) => {
  if (awsManagedPolicies.has(input.PolicyArn)) throw policyNotAllowed();
  const policy = await findPolicy(input.PolicyArn, context);
  if ((await context.roles.attachedTo(context.account, policy.arn)).length > 0) throw policyIsAttached();
  if (policy.versions.length > 1) throw deleteVersionsFirst();
  await context.policies.remove(policy.arn);
  return {};
};

export const CreatePolicyVersion: Iam["CreatePolicyVersion"] = async (input, context) => {
  const document = checkDocument(input.PolicyDocument);
  const changed = await changePolicy(input.PolicyArn, context, (policy) => {
    if (policy.versions.length >= maxVersions) throw tooManyVersions();
    const id = `v${Math.max(...policy.versions.map((version) => Number(version.id.slice(1)))) + 1}`;
    const versions = [...policy.versions, { id, document, createdAt: context.now }];
    return { ...policy, versions, updatedAt: context.now, defaultVersion: input.SetAsDefault ? id : policy.defaultVersion };
  });
  const version = changed.versions.at(-1);
  return {
    PolicyVersion: { VersionId: version?.id, IsDefaultVersion: version?.id === changed.defaultVersion, CreateDate: new Date(context.now) },
  };
};

export const GetPolicyVersion: Iam["GetPolicyVersion"] = async (input, context) => {
  const policy = await findPolicy(input.PolicyArn, context);
  const version = policy.versions.find(({ id }) => id === input.VersionId);
  if (!version) throw noSuchVersion(policy.arn, input.VersionId);
  const document = encodeDocument(version.document);
  return {
    PolicyVersion: {
      Document: document,
      VersionId: version.id,
      IsDefaultVersion: version.id === policy.defaultVersion,
      CreateDate: new Date(version.createdAt),
    },
  };
};

export const ListPolicyVersions: Iam["ListPolicyVersions"] = async (input, context) => {
  const policy = await findPolicy(input.PolicyArn, context);
  const { page, ...rest } = pageOf(policy.versions.toReversed(), input);
  const describeVersion = ({ id, createdAt }: (typeof page)[number]) => ({
    VersionId: id,
    IsDefaultVersion: id === policy.defaultVersion,
    CreateDate: new Date(createdAt),
  });
  return { Versions: page.map(describeVersion), ...rest };
};

export const SetDefaultPolicyVersion: Iam["SetDefaultPolicyVersion"] = async (input, context) => {
  await changePolicy(input.PolicyArn, context, (policy) => {
    if (!policy.versions.some(({ id }) => id === input.VersionId)) throw noSuchVersion(policy.arn, input.VersionId);
    return { ...policy, defaultVersion: input.VersionId, updatedAt: context.now };
  });
  return {};
};

export const DeletePolicyVersion: Iam["DeletePolicyVersion"] = async (input, context) => {
  await changePolicy(input.PolicyArn, context, (policy) => {
    if (!policy.versions.some(({ id }) => id === input.VersionId)) throw noSuchVersion(policy.arn, input.VersionId);
    if (policy.defaultVersion === input.VersionId) throw defaultVersionStays();
    return { ...policy, versions: policy.versions.filter(({ id }) => id !== input.VersionId) };
  });
  return {};
};

export const ListEntitiesForPolicy: Iam["ListEntitiesForPolicy"] = async (input, context) => {
  const policy = await findPolicy(input.PolicyArn, context);
  const names = await context.roles.attachedTo(context.account, policy.arn);
  const found = await Promise.all(names.map((name) => context.roles.find(context.account, name)));
  const { page, ...rest } = pageOf(
    found.filter((role) => role !== undefined),
    input,
  );
  return { PolicyRoles: page.map((role) => ({ RoleName: role.name, RoleId: role.id })), PolicyUsers: [], PolicyGroups: [], ...rest };
};

export const ListPolicyTags: Iam["ListPolicyTags"] = async (input, context) => {
  const { page, ...rest } = pageOf((await findPolicy(input.PolicyArn, context)).tags, input);
  return { Tags: page, ...rest };
};
