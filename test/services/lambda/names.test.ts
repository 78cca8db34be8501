import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateFunctionCommand, GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { newCloud } from "../../cloud.ts";

test("a function's name has at most 64 characters, in an ARN too", async () => {
  await using cloud = await newCloud();
  const lambda = new LambdaClient(cloud.client);
  const name = "a".repeat(65);
  const refused = {
    name: "ValidationException",
    message: `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  };
  const made = new CreateFunctionCommand({
    FunctionName: name,
    Runtime: "python3.11",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/r",
    Code: { ZipFile: new Uint8Array() },
  });
  await assert.rejects(lambda.send(made), refused);
  const FunctionName = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName })), refused);
});
