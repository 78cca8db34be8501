import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SFNClient } from "@aws-sdk/client-sfn";
import * as cloud from "../../src/app/index.ts";
import { scopeOf } from "../../src/app/workflow/definition.ts";
import { parseDefinition } from "../../src/services/sfn/language/parse/parse.ts";
import { newCloud } from "../cloud.ts";
import type { TestCloud } from "../cloud.ts";
import { create, start, untilEnded } from "../services/sfn/service/machines-in.ts";

type Instance = { id: string; kind: "snapshot" | "image" };
type Found = { instances: Instance[]; owner: { name: string } };

const bucket = new cloud.Bucket("files");
const find = new cloud.Function<{ prefix: string }, Found>("find", { handler: async () => ({ instances: [], owner: { name: "me" } }) });
const snapshot = new cloud.Function<Instance, { key: string }>("snapshot", { handler: async ({ id }) => ({ key: id }) });
const archive = new cloud.Task("archive", { image: "debian:bookworm-slim" });
const inner = new cloud.StateMachine("inner", {
  definition: cloud.workflow<{ n: number }>().pass("Double", ({ n }) => cloud.jsonata<number>`${n} * 2`),
});

const statesOf = (flow: cloud.Workflow<unknown, unknown>) => {
  const scope = scopeOf(flow.steps(), "The flow");
  const text = JSON.stringify({ QueryLanguage: "JSONata", ...scope });
  assert.deepEqual(parseDefinition(text.replaceAll(/\$\{tandem:(\w+)\.\w+\}/g, "$1"), { type: "STANDARD" }).diagnostics, []);
  return scope;
};

test("a function is a Task that hands its payload on", () => {
  const flow = cloud
    .workflow<{ prefix: string }>()
    .invoke("Find", find)
    .pass("Count", ({ instances }) => ({ count: cloud.jsonata<number>`$count(${instances})` }));
  assert.deepEqual(statesOf(flow), {
    StartAt: "Find",
    States: {
      Find: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: "${tandem:Find.name}", Payload: "{% $states.input %}" },
        Output: "{% $states.result.Payload %}",
        Next: "Count",
      },
      Count: { Type: "Pass", Output: { count: "{% $count($states.input.instances) %}" }, End: true },
    },
  });
});

test("what a function is given, and what goes on, can be told", () => {
  const flow = cloud.workflow<{ where: string; tags: string[] }>().invoke("Find", find, {
    input: ({ where }) => ({ prefix: cloud.text`${where}/in` }),
    output: (result, input) => cloud.merge(input, { first: result.instances[0], owner: result.owner.name }),
    timeout: 30,
  });
  const { Find } = statesOf(flow).States as Record<string, Record<string, unknown>>;
  assert.deepEqual(Find?.["Arguments"], {
    FunctionName: "${tandem:Find.name}",
    Payload: { prefix: '{% $states.input.where & "/in" %}' },
  });
  assert.equal(
    Find?.["Output"],
    '{% $merge([$states.input, {"first": $states.result.Payload.instances[0], "owner": $states.result.Payload.owner.name}]) %}',
  );
  assert.equal(Find?.["TimeoutSeconds"], 30);
});

test("a task runs a container to its end, and its input goes on", () => {
  const flow = cloud.workflow<Instance>().run("Archive", archive, {
    environment: ({ id }) => ({ BUCKET: bucket.id, KEY: cloud.text`images/${id}.tar.gz`, LEVEL: "9" }),
    command: ["archive"],
  });
  assert.deepEqual(statesOf(flow).States["Archive"], {
    Type: "Task",
    Resource: "arn:aws:states:::ecs:runTask.sync",
    Arguments: {
      Cluster: "${tandem:Archive.cluster}",
      TaskDefinition: "${tandem:Archive.taskDefinition}",
      LaunchType: "FARGATE",
      NetworkConfiguration: {
        AwsvpcConfiguration: { Subnets: '{% $split("${tandem:Archive.subnets}", ",") %}', AssignPublicIp: "ENABLED" },
      },
      Overrides: {
        ContainerOverrides: [
          {
            Name: "archive",
            Command: ["archive"],
            Environment: [
              { Name: "BUCKET", Value: "${tandem:Files.name}" },
              { Name: "KEY", Value: '{% "images/" & $states.input.id & ".tar.gz" %}' },
              { Name: "LEVEL", Value: "9" },
            ],
          },
        ],
      },
    },
    Output: "{% $states.input %}",
    End: true,
  });
});

test("another state machine is run to its end, and so is any other action", () => {
  const flow = cloud
    .workflow<{ n: number }>()
    .execute("Inner", inner)
    .call<{ ETag: string }>("Copy", "aws-sdk:s3:copyObject", {
      input: (n) => ({ Bucket: bucket.id, Key: cloud.jsonata<string>`$string(${n})` }),
    });
  assert.deepEqual(statesOf(flow).States, {
    Inner: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: "${tandem:Inner.arn}", Input: "{% $states.input %}" },
      Output: "{% $states.result.Output %}",
      Next: "Copy",
    },
    Copy: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:s3:copyObject",
      Arguments: { Bucket: "${tandem:Files.name}", Key: "{% $string($states.input) %}" },
      Output: "{% $states.result %}",
      End: true,
    },
  });
});

test("the flows of a choice come together again; one without a step goes on at once", () => {
  const choose = (flow: cloud.Workflow<Instance, Instance>) =>
    flow.choice("Choose", (choice) =>
      choice
        .when(
          ({ kind }) => cloud.jsonata<boolean>`${kind} = "snapshot"`,
          (taken) => taken.invoke("Snapshot", snapshot),
        )
        .when(
          ({ kind }) => cloud.jsonata<boolean>`${kind} = "none"`,
          (taken) => taken,
        )
        .otherwise((taken) => taken.fail("Unknown", "UnknownKind", ({ kind }) => cloud.text`There is no ${kind}.`)),
    );
  const { States } = statesOf(choose(cloud.workflow<Instance>()).wait("Rest", 1)) as { States: Record<string, Record<string, unknown>> };
  assert.deepEqual(States["Choose"], {
    Type: "Choice",
    Choices: [
      { Condition: '{% $states.input.kind = "snapshot" %}', Next: "Snapshot" },
      { Condition: '{% $states.input.kind = "none" %}', Next: "Rest" },
    ],
    Default: "Unknown",
  });
  assert.equal(States["Snapshot"]?.["Next"], "Rest");
  assert.deepEqual(States["Unknown"], { Type: "Fail", Error: "UnknownKind", Cause: '{% "There is no " & $states.input.kind & "." %}' });
  assert.deepEqual(States["Rest"], { Type: "Wait", Seconds: 1, End: true });
  const last = statesOf(choose(cloud.workflow<Instance>())).States;
  assert.deepEqual(last["Choose: done"], { Type: "Succeed" });
});

test("a wait is for seconds, computed ones, or until a time", () => {
  const flow = cloud
    .workflow<{ at: string; seconds: number }>()
    .wait("A", 3)
    .wait("B", ({ seconds }) => seconds)
    .wait("C", { until: ({ at }) => at });
  assert.deepEqual(statesOf(flow).States, {
    A: { Type: "Wait", Seconds: 3, Next: "B" },
    B: { Type: "Wait", Seconds: "{% $states.input.seconds %}", Next: "C" },
    C: { Type: "Wait", Timestamp: "{% $states.input.at %}", End: true },
  });
});

test("parallel flows give an object by their names", () => {
  const flow = cloud.workflow<{ n: number }>().parallel("Both", {
    once: (branch) => branch.pass("Once", ({ n }) => n),
    twice: (branch) => branch.pass("Twice", ({ n }) => cloud.jsonata<number>`${n} * 2`),
  });
  assert.deepEqual(statesOf(flow).States["Both"], {
    Type: "Parallel",
    Branches: [
      { StartAt: "Once", States: { Once: { Type: "Pass", Output: "{% $states.input.n %}", End: true } } },
      { StartAt: "Twice", States: { Twice: { Type: "Pass", Output: "{% $states.input.n * 2 %}", End: true } } },
    ],
    Output: { once: "{% $states.result[0] %}", twice: "{% $states.result[1] %}" },
    End: true,
  });
});

test("a map goes through an array, with what each flow is given", () => {
  const flow = cloud.workflow<Found>().map(
    "Each",
    ({ instances, owner }) => cloud.each(instances).select((item, index) => ({ id: item.id, index, owner: owner.name })),
    (one) => one.pass("Name", ({ id, owner }) => cloud.text`${owner}-${id}`),
    { concurrency: 2, output: (names, { owner }) => ({ names, owner }) },
  );
  assert.deepEqual(statesOf(flow).States["Each"], {
    Type: "Map",
    Items: "{% $states.input.instances %}",
    ItemSelector: {
      id: "{% $states.context.Map.Item.Value.id %}",
      index: "{% $states.context.Map.Item.Index %}",
      owner: "{% $states.input.owner.name %}",
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      StartAt: "Name",
      States: { Name: { Type: "Pass", Output: '{% $states.input.owner & "-" & $states.input.id %}', End: true } },
    },
    MaxConcurrency: 2,
    Output: { names: "{% $states.result %}", owner: "{% $states.input.owner %}" },
    End: true,
  });
});

test("a map over a bucket is distributed, in batches if asked, and may write its results", () => {
  const flow = cloud
    .workflow<{ run: string }>()
    .map(
      "Frames",
      ({ run }) => cloud.each(cloud.objectsIn(bucket, { prefix: cloud.text`${run}/` })).inBatches(10),
      (batch) => batch.pass("Keys", ({ Items }) => cloud.jsonata<string[]>`${Items}.Key`),
      { express: true, toleratedFailures: 2, toleratedFailurePercentage: 5 },
    )
    .writeResultsTo(bucket, () => "results");
  assert.deepEqual(statesOf(flow).States["Frames"], {
    Type: "Map",
    ItemReader: {
      Resource: "arn:aws:states:::s3:listObjectsV2",
      Arguments: { Bucket: "${tandem:Files.name}", Prefix: '{% $states.input.run & "/" %}' },
    },
    ItemBatcher: { MaxItemsPerBatch: 10 },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
      StartAt: "Keys",
      States: { Keys: { Type: "Pass", Output: "{% $states.input.Items.Key %}", End: true } },
    },
    ToleratedFailureCount: 2,
    ToleratedFailurePercentage: 5,
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "${tandem:Files.name}", Prefix: "results" } },
    End: true,
  });
});

test("datasets are listings, arrays of JSON and rows of CSV", () => {
  const reader = (dataset: cloud.Dataset<unknown>) => dataset.reader;
  assert.deepEqual(reader(cloud.jsonIn<Instance>(bucket, "a.json")), {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSON" },
    Arguments: { Bucket: "${tandem:Files.name}", Key: "a.json" },
  });
  assert.deepEqual(reader(cloud.csvIn<{ id: string }>(bucket, "a.csv")), {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    Arguments: { Bucket: "${tandem:Files.name}", Key: "a.csv" },
  });
  assert.deepEqual(reader(cloud.objectsIn(bucket)), {
    Resource: "arn:aws:states:::s3:listObjectsV2",
    Arguments: { Bucket: "${tandem:Files.name}" },
  });
});

test("the state before a retry or a catch gets it", () => {
  const flow = cloud
    .workflow<Instance>()
    .invoke("Snapshot", snapshot)
    .retry({ errors: ["Busy"], attempts: 5, interval: 2, backoff: 1.5, maxDelay: 20, jitter: true })
    .retry()
    .catchError((error) => error.pass("Tell", ({ Cause }) => ({ key: Cause })), { errors: ["Gone"] })
    .catchError((error) => error, { output: () => ({ key: "none" }) });
  assert.deepEqual(statesOf(flow).States, {
    Snapshot: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "${tandem:Snapshot.name}", Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload %}",
      Retry: [
        { ErrorEquals: ["Busy"], MaxAttempts: 5, IntervalSeconds: 2, BackoffRate: 1.5, MaxDelaySeconds: 20, JitterStrategy: "FULL" },
        { ErrorEquals: ["States.ALL"] },
      ],
      Catch: [
        { ErrorEquals: ["Gone"], Next: "Tell" },
        { ErrorEquals: ["States.ALL"], Output: { key: "none" }, Next: "Snapshot: done" },
      ],
      End: true,
    },
    Tell: { Type: "Pass", Output: { key: "{% $states.input.Cause %}" }, End: true },
    "Snapshot: done": { Type: "Succeed" },
  });
});

test("what can't be a workflow is told", () => {
  const message = (flow: cloud.Workflow<unknown, unknown>) => {
    try {
      scopeOf(flow.steps(), "The flow");
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "nothing";
  };
  const begun = cloud.workflow<{ n: number }>();
  assert.match(message(begun), /The flow has no states/);
  assert.match(message(begun.pass("A", ({ n }) => n).retry()), /"A" comes before retry/);
  assert.match(message(begun.pass("A", ({ n }) => n).pass("A", (n) => n)), /Two states are named "A"/);
  assert.match(
    message(
      begun.map(
        "M",
        () => cloud.jsonata<number[]>`[1, 2]`,
        (item) => item,
      ),
    ),
    /The flow of "M" has no states/,
  );
  assert.match(message(begun.pass("A", ({ n }) => `n is ${String(n)}`)), /write text`…` or jsonata`…`/);
});

let running: TestCloud;
before(async () => {
  running = await newCloud({ engine: "memory" });
});
after(() => running[Symbol.asyncDispose]());

test("a workflow gives what its types say", async () => {
  const flow = cloud
    .workflow<{ names: string[]; limit: number; "odd name": string }>()
    .pass("Begin", (input) => cloud.merge(input, { count: cloud.jsonata<number>`$count(${input.names})`, odd: input["odd name"] }))
    .choice("Enough", (choice) =>
      choice
        .when(
          ({ count, limit }) => cloud.jsonata<boolean>`${count} > ${limit}`,
          (taken) => taken.fail("TooMany", "TooMany"),
        )
        .otherwise((taken) => taken),
    )
    .parallel("Both", {
      greetings: (branch) =>
        branch.map(
          "Greet",
          ({ names }) => names,
          (name) => name.pass("Greeting", (each) => cloud.text`Hello "${each}"`),
        ),
      first: (branch) => branch.pass("First", ({ names, odd, count }) => ({ name: names[0], odd, count, tags: ["a", names[1]] })),
    });
  const client = new SFNClient(running.client);
  const { States } = scopeOf(flow.steps(), "The flow");
  const machine = await create(client, "typed", States, { QueryLanguage: "JSONata" });
  const run = async (input: cloud.InputOf<typeof flow>) => untilEnded(client, await start(client, machine, input));
  const ended = await run({ names: ["A", "B"], limit: 2, "odd name": "x" });
  const expected: cloud.OutputOf<typeof flow> = {
    greetings: ['Hello "A"', 'Hello "B"'],
    first: { name: "A", odd: "x", count: 2, tags: ["a", "B"] },
  };
  assert.deepEqual(JSON.parse(ended.output ?? "null"), expected, ended.cause);
  assert.equal((await run({ names: ["A", "B"], limit: 1, "odd name": "x" })).error, "TooMany");
  client.destroy();
});
