import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  SFNClient,
  SendTaskSuccessCommand,
} from "@aws-sdk/client-sfn";
import { spawnCloud, temporaryFolder } from "../../../cloud.ts";
import { create, start, untilEnded } from "./machines-in.ts";

test("after kill -9, fifty running executions end with the right outputs, and a task taken before is answered after", async () => {
  const dataPath = await temporaryFolder();
  try {
    const first = await spawnCloud(dataPath);
    let client = new SFNClient(first.client);
    const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "work" }));
    const machine = await create(client, "survivor", {
      Twice: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: {
          StartAt: "Pause",
          States: {
            Pause: { Type: "Wait", Seconds: 1, Next: "Sum" },
            Sum: { Type: "Pass", Parameters: { "sum.$": "States.MathAdd($, 100)" }, OutputPath: "$.sum", Next: "Again" },
            Again: { Type: "Wait", Seconds: 1, End: true },
          },
        },
        Next: "Who",
      },
      Who: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
        ResultPath: null,
        Parameters: {},
        End: true,
      },
    });
    const worked = await create(client, "worked", { Work: { Type: "Task", Resource: activityArn, End: true } });
    const arns = await Promise.all(Array.from({ length: 50 }, (_, index) => start(client, machine, { items: [index, index + 1] })));
    const waiting = await start(client, worked, { a: 1 });
    const child = await create(client, "child", {
      Pause: { Type: "Wait", Seconds: 2, Next: "Sum" },
      Sum: { Type: "Pass", Result: 7, End: true },
    });
    const parent = await create(client, "parent", {
      Nest: {
        Type: "Task",
        Resource: "arn:aws:states:::states:startExecution.sync:2",
        Parameters: { StateMachineArn: child },
        OutputPath: "$.Output",
        End: true,
      },
    });
    const nesting = await start(client, parent);
    const task = await client.send(new GetActivityTaskCommand({ activityArn, workerName: "one" }));
    assert.equal(task.input, `{"a":1}`);
    await pause(1100);
    await first.kill();
    client.destroy();

    await using second = await spawnCloud(dataPath);
    client = new SFNClient(second.client);
    await client.send(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: `"done"` }));
    assert.equal((await untilEnded(client, waiting)).output, `"done"`);
    assert.equal((await untilEnded(client, nesting)).output, "7");
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: child }));
    assert.equal(executions?.length, 1, "the nested execution is taken up, not started again");
    const ended = await Promise.all(arns.map((arn) => untilEnded(client, arn)));
    for (const { status, error, cause } of ended) assert.deepEqual([status, error, cause], ["SUCCEEDED", undefined, undefined]);
    assert.deepEqual(
      ended.map(({ output }) => output),
      arns.map((_, index) => `[${100 + index},${101 + index}]`),
    );
    client.destroy();
  } finally {
    await rm(dataPath, { recursive: true, force: true });
  }
});
