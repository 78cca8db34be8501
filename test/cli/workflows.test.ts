import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { newCloud } from "../cloud.ts";
import { create, start, untilEnded } from "../services/sfn/service/machines-in.ts";
import { jsonLines, tandem } from "./tandem.ts";

test("workflows lists executions and draws one, by its machine's name, its own or its ARN", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const run = (...args: string[]) => tandem(["workflows", ...args], cloud.environment);
  assert.match((await run()).stdout, /Nothing has been executed yet/);
  assert.match((await run("shop")).stderr, /There is no state machine shop\. There are none yet\./);
  const client = new SFNClient(cloud.client);
  const machine = await create(client, "app-shop", {
    Choose: { Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: 1, Next: "Wait" }], Default: "Refuse" },
    Wait: { Type: "Wait", Seconds: 600, End: true },
    Refuse: { Type: "Fail", Error: "Refused", Cause: "too few" },
  });
  assert.match((await run("shop")).stderr, /shop has not been executed yet.*start-execution/s);
  await untilEnded(client, await start(client, machine, { n: 1 }, "small"));
  const arn = await start(client, machine, { n: 2 }, "large");
  const list = await run();
  assert.match(list.stdout, /^●  running  app-shop  large  \S+Z  .*\n✗  failed   app-shop  small  \S+Z  \d+ ms\n$/);
  assert.match((await run("--status", "failed")).stdout, /^✗  failed  app-shop  small .*\n$/);
  const drawn = await run("shop");
  assert.match(
    drawn.stdout,
    /^● app-shop\/large  running .*\nin {2}\{"n":2\}\n\n✓ Choose  Choice .*\n├─ \$\.n > 1 ─▶ Wait\n├╌ otherwise ╌▷ Refuse\n│\n◔ Wait .* waiting for 9 min/,
  );
  assert.ok(!drawn.stdout.includes("\u001b"));
  assert.match((await run("app-shop/small")).stdout, /✗ Refuse .*failed\n {2}err Refused: too few/);
  const [graph] = jsonLines((await run(arn, "--json")).stdout) as { execution: { name: string }; scope: { states: object[] } }[];
  assert.deepEqual([graph?.execution.name, graph?.scope.states.length], ["large", 3]);
  for (const [args, message] of [
    [["shop/none"], /Execution Does Not Exist: '.*:none'\. `tandem workflows` lists those that there are\./],
    [["shops"], /There is no state machine shops\. There are:\napp-shop/],
    [[arn.replace(":execution:", ":express:")], /Express executions are not kept/],
    [["arn:aws:states:us-east-1:000000000000:execution:x"], /InvalidArn/],
    [["--status", "odd"], /status must be one of/],
  ] as const) {
    const { code, stderr } = await run(...args);
    assert.match(stderr, message);
    assert.equal(code, 1);
  }
  for (const args of [["--limit", "0"], ["--follow"], ["a", "b"]]) assert.equal((await run(...args)).code, 2, args.join(" "));
  client.destroy();
});

test("workflows --follow ends with the execution, and with its success or failure", async () => {
  await using cloud = await newCloud({ engine: "memory" });
  const client = new SFNClient(cloud.client);
  const short = await create(client, "short", { A: { Type: "Wait", Seconds: 1, Next: "B" }, B: { Type: "Pass", End: true } });
  await start(client, short);
  const followed = await tandem(["workflows", "short", "--follow"], cloud.environment);
  assert.match(followed.stdout, /✓ A  succeeded\n.*✓ B  succeeded\n\n✓ short\/.*succeeded/s);
  assert.equal(followed.code, 0);
  const long = await create(client, "long", { A: { Type: "Wait", Seconds: 600, End: true } });
  const executionArn = await start(client, long);
  const following = tandem(["workflows", executionArn, "--follow", "--json"], cloud.environment);
  setTimeout(() => void client.send(new StopExecutionCommand({ executionArn, error: "Enough" })), 1500);
  const { code, stdout } = await following;
  const looks = jsonLines(stdout) as { execution: { status: string } }[];
  assert.deepEqual([looks.at(-1)?.execution.status, code], ["ABORTED", 1]);
  client.destroy();
});

test("workflows signs what it asks for, so that a cloud with --auth answers", async () => {
  await using cloud = await newCloud({ engine: "memory", auth: true });
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...others } = cloud.environment;
  const known = { ...others, AWS_SHARED_CREDENTIALS_FILE: join(cloud.dataPath, "credentials") };
  assert.match((await tandem(["workflows"], known)).stdout, /Nothing has been executed yet/);
  const stranger = await tandem(["workflows"], cloud.environment);
  assert.match(stranger.stderr, /UnrecognizedClientException.*set AWS_SHARED_CREDENTIALS_FILE/);
  assert.equal(stranger.code, 1);
});
