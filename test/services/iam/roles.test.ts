import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListPolicyTagsCommand,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { newCloud } from "../../cloud.ts";
import { programs, run } from "../../programs.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const allowAll = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });

test("a role keeps its trust policy, path and tags, and is found by name", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  const made = await iam.send(
    new CreateRoleCommand({ RoleName: "worker", Path: "/app/", AssumeRolePolicyDocument: trust, Tags: [{ Key: "a", Value: "1" }] }),
  );
  assert.equal(made.Role?.Arn, "arn:aws:iam::000000000000:role/app/worker");
  assert.match(made.Role?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "worker" }));
  assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""), trust);
  assert.deepEqual(Role?.Tags, [{ Key: "a", Value: "1" }]);
  await assert.rejects(iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: trust })), {
    name: "EntityAlreadyExistsException",
    message: "Role with name worker already exists.",
  });
  await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "nobody" })), {
    name: "NoSuchEntityException",
    message: "The role with name nobody cannot be found.",
  });
});

test("a role with policies is deleted only when they are gone", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  await iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: trust }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "r", PolicyName: "inline", PolicyDocument: allowAll }));
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName: "r", PolicyName: "inline" }));
  assert.equal(decodeURIComponent(inline.PolicyDocument ?? ""), allowAll);
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
  await iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn }));
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "r" }));
  assert.deepEqual(AttachedPolicies, [{ PolicyName: "AWSLambdaBasicExecutionRole", PolicyArn }]);
  await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName: "r" })), { name: "DeleteConflictException" });
  await iam.send(new DetachRolePolicyCommand({ RoleName: "r", PolicyArn }));
  await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName: "r" })), {
    message: "Cannot delete entity, must delete policies first.",
  });
});

test("a managed policy has versions, of which one is the default", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: allowAll.replace("s3:*", "s3:GetObject") }));
  const PolicyArn = Policy?.Arn ?? "";
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowAll, SetAsDefault: true }));
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
  assert.equal(PolicyVersion?.IsDefaultVersion, true);
  assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ""), allowAll);
  await assert.rejects(iam.send(new DeletePolicyCommand({ PolicyArn })), { name: "DeleteConflictException" });
  await assert.rejects(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: "{" })), {
    name: "MalformedPolicyDocumentException",
    message: "This policy contains invalid Json",
  });
});

test("ListRoles pages by marker", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  for (const RoleName of ["a", "b", "c"]) await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }));
  assert.deepEqual([first.IsTruncated, first.Roles?.map((role) => role.RoleName)], [true, ["a", "b"]]);
  const second = await iam.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }));
  assert.deepEqual([second.IsTruncated, second.Roles?.map((role) => role.RoleName)], [false, ["c"]]);
});

test("the aws CLI makes and shows a role, and an operation that is missing is named", async () => {
  await using cloud = await newCloud();
  const iam = (...args: string[]) => run(programs.oldAws, ["--endpoint-url", cloud.endpoint, "iam", ...args], cloud.environment);
  await iam("create-role", "--role-name", "cli", "--assume-role-policy-document", trust);
  const shown = JSON.parse(await iam("get-role", "--role-name", "cli")) as { Role: { AssumeRolePolicyDocument: unknown } };
  assert.deepEqual(shown.Role.AssumeRolePolicyDocument, JSON.parse(trust));
  await assert.rejects(iam("create-user", "--user-name", "u"), /NotImplemented.*CreateUser/);
});

test("ListPolicyTags answers with what CreatePolicy was given, and knows no policy that is not there", async () => {
  await using cloud = await newCloud();
  const iam = new IAMClient(cloud.client);
  const Tags = [{ Key: "team", Value: "core" }];
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "tagged", PolicyDocument: allowAll, Tags }));
  assert.deepEqual((await iam.send(new ListPolicyTagsCommand({ PolicyArn: Policy?.Arn ?? "" }))).Tags, Tags);
  const PolicyArn = "arn:aws:iam::000000000000:policy/none";
  await assert.rejects(iam.send(new ListPolicyTagsCommand({ PolicyArn })), {
    name: "NoSuchEntityException",
    message: `Policy ${PolicyArn} was not found.`,
  });
});
