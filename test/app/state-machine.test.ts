import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { bundleForFunctions } from "../../src/cli/app/bundle-app.ts";
import { loadApp } from "../../src/cli/app/load-app.ts";
import { jsonLines, tandem } from "../cli/tandem.ts";
import { newCloud } from "../cloud.ts";
import { newApp } from "./apps.ts";

type Statement = { Action: string[]; Resource: unknown[] };
type Properties = Record<string, unknown>;

const load = async (source: string) => {
  await using app = await newApp(`import * as cloud from "tandem";\n${source}`);
  const { template } = await loadApp(app.folder);
  const properties = (id: string): Properties => template.Resources[id]?.Properties ?? {};
  const statements = (id: string): Statement[] => {
    const [policy] = (properties(id)["Policies"] ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
    return policy?.PolicyDocument.Statement ?? [];
  };
  return { template, properties, statements };
};

const arn = (rest: string) => ({ "Fn::Sub": `arn:\${AWS::Partition}:${rest}` });
const local = (service: string, rest: string) => arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`);

test("a state machine comes with its role, its log group, and what its references stand for", async () => {
  const { properties, template } = await load(`
    const find = new cloud.Function("find", { handler: async () => 1 });
    const work = cloud.workflow<{ n: number }>().invoke("Find", find).run("Work", new cloud.Task("work", { image: "x" }));
    const machine = new cloud.StateMachine("backup", { definition: work, timeout: 60, logging: { level: "ALL", data: true } });
    export const backupArn = machine.arn;
  `);
  const { DefinitionString, ...rest } = properties("Backup");
  assert.deepEqual(rest, {
    StateMachineName: { "Fn::Sub": "${AWS::StackName}-backup" },
    StateMachineType: "STANDARD",
    RoleArn: { "Fn::GetAtt": ["BackupRole", "Arn"] },
    DefinitionSubstitutions: {
      Find_name: { "Fn::Sub": "${AWS::StackName}-find" },
      Work_cluster: { "Fn::GetAtt": ["Cluster", "Arn"] },
      Work_subnets: { "Fn::Join": [",", { Ref: "Subnets" }] },
      Work_taskDefinition: { Ref: "Work" },
    },
    LoggingConfiguration: {
      Level: "ALL",
      IncludeExecutionData: true,
      Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { "Fn::GetAtt": ["BackupLogs", "Arn"] } } }],
    },
  });
  const definition = JSON.parse(String(DefinitionString)) as { States: Record<string, { Arguments: Properties }> };
  assert.deepEqual(
    { ...definition, States: Object.keys(definition.States) },
    {
      TimeoutSeconds: 60,
      QueryLanguage: "JSONata",
      StartAt: "Find",
      States: ["Find", "Work"],
    },
  );
  assert.equal(definition.States["Find"]?.Arguments["FunctionName"], "${Find_name}");
  assert.deepEqual(properties("BackupLogs")["LogGroupName"], { "Fn::Sub": "/aws/vendedlogs/states/${AWS::StackName}-backup" });
  assert.deepEqual(template.Outputs, { BackupArn: { Value: local("states", "stateMachine:${AWS::StackName}-backup") } });
});

test("its role may do what its states need, and nothing else", async () => {
  const { statements, properties } = await load(`
    const [used, unused] = [1, 2].map((n) => new cloud.Function("f" + n, { handler: async () => n }));
    const [bucket, other] = [new cloud.Bucket("bucket"), new cloud.Bucket("other")];
    const inner = new cloud.StateMachine("inner", { definition: cloud.workflow().wait("Rest", 1) });
    const task = new cloud.Task("work", { image: "x" });
    new cloud.StateMachine("outer", { definition: cloud.workflow<{}>()
      .parallel("Both", { a: (flow) => flow.invoke("Call", used), b: (flow) => flow.invoke("Call again", used) })
      .execute("Inner", inner)
      .map("Objects", () => cloud.objectsIn(bucket), (item) => item.run("Work", task, { environment: { OTHER: other.id } }))
      .writeResultsTo(other)
      .call("Copy", "aws-sdk:s3:copyObject", { input: () => ({ Bucket: other.id, Key: "b" }) }),
      permissions: [{ actions: ["s3:PutObject"], resources: ["arn:aws:s3:::" + other.id + "/b"] }],
    });
    new cloud.StateMachine("reads", { definition: cloud.workflow<{}>().map("Rows", () => cloud.csvIn<{ a: string }>(bucket, "a.csv"), (row) => row.wait("Rest again", 1)) });
  `);
  const bucketArn = (id: string, ...rest: string[]) => ({
    "Fn::Join": ["", [arn("s3:::"), properties(id)["BucketName"], ...rest]],
  });
  const taskRoles = [{ "Fn::GetAtt": ["WorkRole", "Arn"] }, { "Fn::GetAtt": ["WorkExecutionRole", "Arn"] }];
  const executions = (name: string) => [
    local("states", `execution:\${AWS::StackName}-${name}:*`),
    local("states", `execution:\${AWS::StackName}-${name}/*:*`),
  ];
  const rule = ["events:PutTargets", "events:PutRule", "events:DescribeRule"];
  const wanted: [string[], unknown[]][] = [
    [["lambda:InvokeFunction"], [local("lambda", "function:${AWS::StackName}-f1")]],
    [["states:StartExecution"], [local("states", "stateMachine:${AWS::StackName}-inner")]],
    [["states:DescribeExecution", "states:StopExecution"], executions("inner")],
    [rule, [local("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")]],
    [["states:StartExecution"], [local("states", "stateMachine:${AWS::StackName}-outer")]],
    [["states:DescribeExecution", "states:StopExecution"], executions("outer")],
    [["s3:ListBucket"], [bucketArn("Bucket")]],
    [["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"], [bucketArn("Other", "/*")]],
    [["ecs:RunTask"], [{ Ref: "Work" }]],
    [["iam:PassRole"], taskRoles],
    [["ecs:StopTask", "ecs:DescribeTasks"], [local("ecs", "task/${Cluster}/*")]],
    [rule, [local("events", "rule/StepFunctionsGetEventsForECSTaskRule")]],
    [["s3:PutObject"], [{ "Fn::Join": ["", ["arn:aws:s3:::", properties("Other")["BucketName"], "/b"]] }]],
  ];
  assert.deepEqual(
    statements("OuterRole").map(({ Action, Resource }) => [Action, Resource]),
    wanted,
  );
  assert.deepEqual(statements("InnerRole"), []);
  assert.deepEqual(statements("ReadsRole").at(-1)?.Resource, [bucketArn("Bucket", "/*")]);
  const mayStart = statements("F1Role").filter(({ Action }) => Action[0]?.startsWith("states:"));
  assert.deepEqual(
    mayStart.map(({ Action }) => Action),
    [["states:StartExecution"], ["states:StartExecution"], ["states:StartExecution"]],
  );
});

test("a plain definition keeps its language, and is granted what it calls", async () => {
  const { properties, statements } = await load(`
    const add = new cloud.Function("add", { handler: async () => 1 });
    new cloud.StateMachine("plain", { definition: {
      StartAt: "Add",
      States: { Add: { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: add.id, "Payload.$": "$" }, End: true } },
    } });
  `);
  const { DefinitionString, DefinitionSubstitutions } = properties("Plain") as {
    DefinitionString: string;
    DefinitionSubstitutions: object;
  };
  assert.match(DefinitionString, /"FunctionName": "\$\{Add_name\}",\s+"Payload\.\$": "\$"/);
  assert.ok(!DefinitionString.includes("QueryLanguage"));
  assert.deepEqual(Object.keys(DefinitionSubstitutions), ["Add_name"]);
  assert.deepEqual(
    statements("PlainRole").map(({ Action }) => Action),
    [["lambda:InvokeFunction"]],
  );
});

test("what can't be made a state machine is told", async () => {
  const refused = (source: string, message: RegExp) => assert.rejects(load(source), { message });
  await refused('new cloud.StateMachine("m", { definition: cloud.workflow() });', /state machine "m" has no states/);
  await refused('await new cloud.StateMachine("m", { definition: cloud.workflow().wait("W", 1) }).start({});', /from within a function/);
  await refused(
    'await new cloud.StateMachine("m", { definition: cloud.workflow().wait("W", 1) }).startSync({});',
    /make it `type: "EXPRESS"`/,
  );
});

const deployed = `
  import { Function, StateMachine, jsonata, workflow } from "tandem";
  const double = workflow<{ n: number }>().choice("Large", (choice) => choice
    .when(({ n }) => jsonata<boolean>\`\${n} > 100\`, (taken) => taken.fail("TooLarge", "TooLarge", ({ n }) => jsonata<string>\`"no " & \${n}\`))
    .otherwise((taken) => taken.pass("Double", ({ n }) => jsonata<number>\`\${n} * 2\`)));
  const slow = new StateMachine("slow", { definition: double });
  const fast = new StateMachine("fast", { definition: double, type: "EXPRESS" });
  export const [slowArn, fastArn] = [slow.arn, fast.arn];
  new Function("starts", { handler: async ({ n }: { n: number }) => slow.start({ n }, { name: "only-once" }) });
  new Function("runs", { handler: async ({ n }: { n: number }) => (await fast.startSync({ n })) + 1 });
`;

test("functions start executions, and have the output of Express ones at once", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  // The functions themselves are left out: no engine here runs them.
  await using machines = await newApp(deployed.replaceAll(/^ {2}new Function.*$/gm, ""));
  const answer = await tandem(["deploy", machines.file, "--json"], cloud.environment);
  assert.equal(answer.code, 0, answer.stderr);
  const { outputs } = jsonLines(answer.stdout).at(-1) as { outputs: { SlowArn: string; FastArn: string } };
  assert.equal(outputs.SlowArn, "arn:aws:states:us-east-1:000000000000:stateMachine:my-app-slow");

  await using app = await newApp(deployed);
  for (const file of await bundleForFunctions(app.file)) await writeFile(join(app.folder, file.name), file.content);
  const call = async (name: string, event: unknown) => {
    const script = `import("./index.mjs").then(({ handler }) => handler(${JSON.stringify(event)}, {})).then((result) => console.log(JSON.stringify(result)), (error) => console.log(error.name + ": " + error.message))`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
      cwd: app.folder,
      env: {
        ...cloud.environment,
        AWS_REGION: "us-east-1",
        TANDEM_FUNCTION: name,
        TANDEM_Slow_arn: outputs.SlowArn,
        TANDEM_Fast_arn: outputs.FastArn,
      },
    });
    return stdout.trim();
  };
  assert.equal(await call("runs", { n: 3 }), "7");
  assert.equal(await call("runs", { n: 101 }), "TooLarge: no 101");
  const started = JSON.parse(await call("starts", { n: 3 })) as { executionArn: string };
  assert.equal(started.executionArn, "arn:aws:states:us-east-1:000000000000:execution:my-app-slow:only-once");
  assert.match(await call("starts", { n: 4 }), /^ExecutionAlreadyExists: /);
});
