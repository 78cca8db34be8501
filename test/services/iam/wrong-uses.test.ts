import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";

let cloud: TestCloud;
let iam: IAMClient;

before(async () => {
  cloud = await newCloud();
  iam = new IAMClient(cloud.client);
});
after(async () => {
  iam.destroy();
  await cloud[Symbol.asyncDispose]();
});

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trusting = { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" };
const written = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const validation = (message: string) => ({ name: "ValidationError", message });
const malformed = (message: string) => ({ name: "MalformedPolicyDocumentException", message });

test("names and paths that IAM does not take are refused in its own words", async () => {
  const make = (change: object) =>
    iam.send(new CreateRoleCommand({ RoleName: "good", AssumeRolePolicyDocument: written(trusting), ...change }));
  await assert.rejects(
    make({ RoleName: "a b" }),
    validation("The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
  );
  await assert.rejects(make({ RoleName: "a".repeat(65) }), /Member must have length less than or equal to 64/);
  await assert.rejects(
    make({ Path: "app" }),
    validation(
      "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ),
  );
});

test("trust policies that nobody could use are refused", async () => {
  const trust = (...statements: object[]) =>
    iam.send(new CreateRoleCommand({ RoleName: "trust", AssumeRolePolicyDocument: written(...statements) }));
  await assert.rejects(trust(statement), malformed("Has prohibited field Resource"));
  await assert.rejects(trust({ Effect: "Allow", Action: "sts:AssumeRole" }), malformed("Missing required field Principal"));
  await assert.rejects(
    trust({ ...trusting, Action: "s3:GetObject" }),
    malformed("AssumeRole policy may only specify STS AssumeRole actions."),
  );
});

test("policies that say nothing sensible are refused", async () => {
  const policy = (change: object) =>
    iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: written({ ...statement, ...change }) }));
  await assert.rejects(policy({ Principal: "*" }), malformed("Policy document should not specify a principal."));
  await assert.rejects(policy({ Resource: undefined }), malformed("Policy statement must contain resources."));
  await assert.rejects(policy({ Action: undefined }), malformed("Policy statement must contain actions."));
  await assert.rejects(policy({ Action: "read" }), malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
  await assert.rejects(policy({ Resource: "bucket" }), malformed('Resource bucket must be in ARN format or "*".'));
  await assert.rejects(policy({ Effect: "Maybe" }), malformed("Syntax errors in policy."));
  const twice = written({ ...statement, Sid: "one" }, { ...statement, Sid: "one" });
  await iam.send(new CreateRoleCommand({ RoleName: "holder", AssumeRolePolicyDocument: written(trusting) }));
  await assert.rejects(
    iam.send(new PutRolePolicyCommand({ RoleName: "holder", PolicyName: "p", PolicyDocument: twice })),
    malformed("Statement IDs (SID) in a single policy must be unique."),
  );
});

test("pages and scopes that are none are refused", async () => {
  await assert.rejects(
    iam.send(new ListRolesCommand({ MaxItems: 0 })),
    /'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1/,
  );
  await assert.rejects(iam.send(new ListRolesCommand({ Marker: "never given" })), validation("Invalid Marker"));
  await assert.rejects(
    iam.send(new ListPoliciesCommand({ Scope: "Mine" as "All" })),
    validation(
      "1 validation error detected: Value 'Mine' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]",
    ),
  );
});
