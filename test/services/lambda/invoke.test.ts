import assert from "node:assert/strict";
import { test } from "node:test";
import { newCloud } from "../../cloud.ts";
import { createFunction, invoke, lambdaOf } from "./function.ts";

test("a function answers with its result, its context and the last of its output", async () => {
  await using cloud = await newCloud();
  const lambda = lambdaOf(cloud);
  const source = `export const handler = async (event, context) => {
    console.log("got", event.name);
    return { hello: event.name, fn: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() > 0, region: process.env.AWS_REGION, color: process.env.COLOR };
  };`;
  await createFunction(lambda, "hello", source, { Environment: { Variables: { COLOR: "blue" } } });
  const answer = await invoke(lambda, "hello", { name: "world" }, { LogType: "Tail" });
  assert.deepEqual(answer.result, {
    hello: "world",
    fn: "hello",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
    left: true,
    region: "us-east-1",
    color: "blue",
  });
  assert.deepEqual([answer.status, answer.error, answer.version], [200, undefined, "$LATEST"]);
  assert.match(
    answer.log,
    /^START RequestId: (\S+) Version: \$LATEST\n.*\t\1\tINFO\tgot world\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
  );
  const again = await invoke(lambda, "hello", { name: "again" }, { LogType: "Tail" });
  assert.doesNotMatch(again.log, /Init Duration/);
});
