import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import type { CreateFunctionCommandInput, InvokeCommandInput } from "@aws-sdk/client-lambda";
import type { TestCloud } from "../../cloud.ts";
import { zipOf } from "./zip.ts";

export const role = "arn:aws:iam::000000000000:role/function";

export const lambdaOf = (cloud: TestCloud) => new LambdaClient({ ...cloud.client, maxAttempts: 1 });

/** Creates a function of one file and waits until it is active. */
export const createFunction = async (
  lambda: LambdaClient,
  name: string,
  source: string | Record<string, string>,
  input: Partial<CreateFunctionCommandInput> = {},
) => {
  const files = typeof source === "string" ? { "index.mjs": source } : source;
  const created = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: role,
      Code: { ZipFile: zipOf(files) },
      ...input,
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { FunctionName: name });
  return created;
};

export const invoke = async (lambda: LambdaClient, name: string, event: unknown = {}, input: Partial<InvokeCommandInput> = {}) => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...input }));
  const text = answer.Payload?.transformToString() ?? "";
  return {
    status: answer.StatusCode,
    error: answer.FunctionError,
    version: answer.ExecutedVersion,
    result: text === "" ? undefined : (JSON.parse(text) as unknown),
    log: Buffer.from(answer.LogResult ?? "", "base64").toString("utf8"),
  };
};
