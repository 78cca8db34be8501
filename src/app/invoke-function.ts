import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

/** Loaded when a function first calls another. @throws what the other function threw, by name and message */
export const invokeFunction = async (name: string, realName: string, event: unknown): Promise<unknown> => {
  const client = new LambdaClient();
  try {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: realName, Payload: JSON.stringify(event ?? null) }),
    );
    const text = Payload && Payload.length > 0 ? Buffer.from(Payload).toString() : "null";
    const result: unknown = JSON.parse(text);
    if (FunctionError === undefined) return result;
    const { errorType = "Error", errorMessage = text } = result as { errorType?: string; errorMessage?: string };
    throw Object.assign(new Error(`${name}: ${errorMessage}`), { name: errorType });
  } finally {
    client.destroy();
  }
};
