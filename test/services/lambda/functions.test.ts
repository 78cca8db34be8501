import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { CreateFunctionCommandInput } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { createFunction, invoke, lambdaOf, role } from "./function.ts";
import { zipOf } from "./zip.ts";

const aws = process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws";
const answering = (text: string) => `export const handler = async () => "${text}";`;
const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

let cloud: TestCloud;
before(async () => {
  cloud = await newCloud();
});
after(async () => {
  await cloud[Symbol.asyncDispose]();
});

const create = (input: Partial<CreateFunctionCommandInput>) =>
  lambdaOf(cloud).send(
    new CreateFunctionCommand({
      FunctionName: "wrong",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: role,
      Code: { ZipFile: zipOf({ "index.mjs": answering("x") }) },
      ...input,
    }),
  );

test("a function is created pending, described as on AWS, and its code comes back from its location", async () => {
  const lambda = lambdaOf(cloud);
  const zip = zipOf({ "index.mjs": answering("one") });
  const created = await createFunction(lambda, "crud", {}, { Code: { ZipFile: zip }, Tags: { team: "a" } });
  assert.deepEqual([created.State, created.Version, created.FunctionArn], ["Pending", "$LATEST", arn("crud")]);
  assert.deepEqual([created.Timeout, created.MemorySize, created.PackageType, created.CodeSize], [3, 128, "Zip", zip.length]);
  assert.match(created.LastModified ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  const found = await lambda.send(new GetFunctionCommand({ FunctionName: arn("crud") }));
  assert.deepEqual([found.Configuration?.State, found.Tags], ["Active", { team: "a" }]);
  const served = await fetch(found.Code?.Location ?? "");
  assert.deepEqual(new Uint8Array(await served.arrayBuffer()), new Uint8Array(zip));
  assert.equal((await fetch((found.Code?.Location ?? "").replace(/.$/, "x"))).status, 403);
  await assert.rejects(create({ FunctionName: "crud" }), { name: "ResourceConflictException", message: "Function already exist: crud" });
});

test("new code and settings take effect with the next invocation", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "changes", answering("one"));
  assert.equal((await invoke(lambda, "changes")).result, "one");
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "changes", ZipFile: zipOf({ "index.mjs": answering("two") }) }));
  assert.equal((await invoke(lambda, "changes")).result, "two");
  const changed = await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "changes", MemorySize: 256, Timeout: 9 }));
  assert.deepEqual([changed.MemorySize, changed.Timeout, changed.LastUpdateStatus], [256, 9, "InProgress"]);
  const stale = new UpdateFunctionConfigurationCommand({ FunctionName: "changes", Timeout: 4, RevisionId: "stale" });
  await assert.rejects(lambda.send(stale), { name: "PreconditionFailedException" });
});

test("code comes from a bucket, and what is not there is told", async () => {
  const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "code" }));
  await s3.send(new PutObjectCommand({ Bucket: "code", Key: "a.zip", Body: zipOf({ "index.mjs": answering("bucket") }) }));
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "bucket", {}, { Code: { S3Bucket: "code", S3Key: "a.zip" } });
  assert.equal((await invoke(lambda, "bucket")).result, "bucket");
  await assert.rejects(create({ Code: { S3Bucket: "code", S3Key: "b.zip" } }), {
    name: "InvalidParameterValueException",
    message: /^Error occurred while GetObject\. S3 Error Code: NoSuchKey\. S3 Error Message: The specified key does not exist\.$/,
  });
});

test("a hot-reload function runs a folder of this machine, and its changes at once", async () => {
  const lambda = lambdaOf(cloud);
  const folder = `${cloud.dataPath}/mine`;
  await mkdir(folder);
  await writeFile(`${folder}/index.mjs`, answering("first"));
  await createFunction(lambda, "reloads", {}, { Code: { S3Bucket: "hot-reload", S3Key: folder } });
  assert.equal((await invoke(lambda, "reloads")).result, "first");
  await writeFile(`${folder}/index.mjs`, answering("second, longer"));
  assert.equal((await invoke(lambda, "reloads")).result, "second, longer");
});

test("versions are fixed, aliases point at them and spread by weight", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "versions", answering("one"));
  const first = await lambda.send(new PublishVersionCommand({ FunctionName: "versions" }));
  assert.deepEqual([first.Version, first.FunctionArn], ["1", `${arn("versions")}:1`]);
  assert.equal((await lambda.send(new PublishVersionCommand({ FunctionName: "versions" }))).Version, "1");
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: "versions", ZipFile: zipOf({ "index.mjs": answering("two") }), Publish: true }),
  );
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "versions" }));
  assert.deepEqual(
    Versions?.map(({ Version }) => Version),
    ["$LATEST", "1", "2"],
  );
  await lambda.send(new CreateAliasCommand({ FunctionName: "versions", Name: "live", FunctionVersion: "1" }));
  const live = () => invoke(lambda, "versions", {}, { Qualifier: "live" });
  assert.deepEqual([(await live()).result, (await live()).version], ["one", "1"]);
  const RoutingConfig = { AdditionalVersionWeights: { "2": 1 } };
  await lambda.send(new UpdateAliasCommand({ FunctionName: "versions", Name: "live", RoutingConfig }));
  assert.equal((await live()).result, "two");
  await assert.rejects(invoke(lambda, "versions", {}, { Qualifier: "nowhere" }), {
    name: "ResourceNotFoundException",
    message: `Cannot find alias arn: ${arn("versions")}:nowhere`,
  });
});

test("permissions make a policy", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "permitted", answering("x"));
  const add = new AddPermissionCommand({
    FunctionName: "permitted",
    StatementId: "s3",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceArn: "arn:aws:s3:::b",
    SourceAccount: "000000000000",
  });
  await lambda.send(add);
  const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: "permitted" }));
  assert.deepEqual(JSON.parse(Policy ?? ""), {
    Version: "2012-10-17",
    Id: "default",
    Statement: [
      {
        Sid: "s3",
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Resource: arn("permitted"),
        Condition: { StringEquals: { "AWS:SourceAccount": "000000000000" }, ArnLike: { "AWS:SourceArn": "arn:aws:s3:::b" } },
      },
    ],
  });
  await assert.rejects(lambda.send(add), {
    name: "ResourceConflictException",
    message: "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement.",
  });
  await lambda.send(new RemovePermissionCommand({ FunctionName: "permitted", StatementId: "s3" }));
  await assert.rejects(lambda.send(new GetPolicyCommand({ FunctionName: "permitted" })), {
    name: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  });
});

test("functions are listed, tagged, counted and deleted", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "zz-last", answering("x"));
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  assert.ok(Functions?.some(({ FunctionName }) => FunctionName === "zz-last"));
  await lambda.send(new TagResourceCommand({ Resource: arn("zz-last"), Tags: { a: "b" } }));
  assert.deepEqual((await lambda.send(new ListTagsCommand({ Resource: arn("zz-last") }))).Tags, { a: "b" });
  assert.equal((await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit?.ConcurrentExecutions, 1000);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "zz-last" }));
  await assert.rejects(invoke(lambda, "zz-last"), { name: "ResourceNotFoundException", message: `Function not found: ${arn("zz-last")}` });
});

test("wrong settings are refused in AWS's words", async () => {
  await assert.rejects(create({ MemorySize: 64, Timeout: 901 }), {
    name: "ValidationException",
    message:
      /^2 validation errors detected: .*Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128/,
  });
  await assert.rejects(create({ Role: "nobody" }), {
    name: "ValidationException",
    message: /Value 'nobody' at 'role' failed to satisfy constraint/,
  });
  await assert.rejects(create({ Runtime: "cobol" as "nodejs22.x" }), {
    name: "ValidationException",
    message: /at 'runtime' failed to satisfy constraint: Member must satisfy enum value set/,
  });
  await assert.rejects(create({ Runtime: undefined }), { name: "InvalidParameterValueException" });
  await assert.rejects(create({ Environment: { Variables: { AWS_REGION: "x" } } }), {
    name: "InvalidParameterValueException",
    message: /Reserved keys used in this request: AWS_REGION$/,
  });
  await assert.rejects(create({ Environment: { Variables: { BIG: "x".repeat(5000) } } }), {
    name: "InvalidParameterValueException",
    message: /exceeded the 4KB limit/,
  });
});

test("archives that lead out of their folder, lie about their size or are none are refused", async () => {
  const unzip = {
    name: "InvalidParameterValueException",
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  };
  await assert.rejects(create({ Code: { ZipFile: Buffer.from("this is no zip") } }), unzip);
  await assert.rejects(create({ Code: { ZipFile: zipOf([{ name: "../../escaped", content: "x" }]) } }), unzip);
  const link = { name: "way", content: "/tmp", mode: 0o120777 };
  await assert.rejects(create({ Code: { ZipFile: zipOf([link, { name: "way/escaped", content: "x" }]) } }), unzip);
  await assert.rejects(create({ Code: { ZipFile: zipOf([{ name: "lies", content: "x".repeat(100_000), sizeBytes: 10 }]) } }), unzip);
  const bomb = zipOf([{ name: "bomb", content: Buffer.alloc(262_144_001) }]);
  await assert.rejects(create({ Code: { ZipFile: bomb } }), {
    name: "InvalidParameterValueException",
    message: "Unzipped size must be smaller than 262144000 bytes",
  });
});

test("payloads that are no JSON or too large are refused", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(lambda, "payloads", "export const handler = async (event) => event.length;");
  const send = (Payload: string, InvocationType?: "Event") =>
    lambda.send(new InvokeCommand({ FunctionName: "payloads", Payload, InvocationType }));
  await assert.rejects(send("{no"), { name: "InvalidRequestContentException", message: /^Could not parse request body into json: / });
  await assert.rejects(send(JSON.stringify("x".repeat(6_291_456))), {
    name: "RequestTooLargeException",
    message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
  });
  const large = await invoke(lambda, "payloads", "x".repeat(6_000_000));
  assert.equal(large.result, 6_000_000);
});

test("the `aws` command creates and invokes", async () => {
  const [zip, out] = [`${cloud.dataPath}/cli.zip`, `${cloud.dataPath}/out.json`];
  await writeFile(zip, zipOf({ "index.mjs": "export const handler = async (event) => ({ got: event });" }));
  const run = async (...args: string[]) =>
    JSON.parse(
      (await promisify(execFile)(aws, ["--endpoint-url", cloud.endpoint, "lambda", ...args], { env: cloud.environment })).stdout,
    ) as Record<string, unknown>;
  await run(
    "create-function",
    "--function-name",
    "cli",
    "--runtime",
    "nodejs22.x",
    "--handler",
    "index.handler",
    "--role",
    role,
    "--zip-file",
    `fileb://${zip}`,
  );
  const answer = await run("invoke", "--function-name", "cli", "--payload", '{"a":1}', "--cli-binary-format", "raw-in-base64-out", out);
  assert.equal(answer["StatusCode"], 200);
  assert.deepEqual(JSON.parse(await readFile(out, "utf8")), { got: { a: 1 } });
});
