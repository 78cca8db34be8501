import type { InputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { isObject } from "../language/json.ts";
import { refused } from "./call.ts";
import type { Job } from "./job.ts";
import { metadataOf } from "./metadata.ts";
import { sorted } from "./shapes.ts";
import { TaskFault } from "./task-fault.ts";

type Invocation = { FunctionName: string; Qualifier?: string; InvocationType?: string; ClientContext?: string };

/** A function named by its ARN as the resource: the payload is the input, the result its answer. */
export const callFunction = async (arn: string, payload: string, job: Job): Promise<string> => {
  const answer = await invoke({ FunctionName: arn }, payload, job);
  return answer.payload === "" ? "null" : answer.payload;
};

/** `arn:aws:states:::lambda:invoke` */
export const invokeFunction = async (job: Job): Promise<Json> => {
  const { Payload, ...wanted } = job.input;
  const { payload, status, version } = await invoke(wanted as Invocation, Payload === undefined ? "{}" : JSON.stringify(Payload), job);
  const executed = version === undefined ? {} : { ExecutedVersion: version };
  const more = {
    Connection: "keep-alive",
    "Content-Length": String(Buffer.byteLength(payload)),
    ...(version === undefined ? {} : { "X-Amz-Executed-Version": version }),
    "x-amzn-Remapped-Content-Length": "0",
  };
  return sorted({
    ...executed,
    Payload: payload === "" ? {} : (JSON.parse(payload) as Json),
    ...metadataOf(job, { status, more }),
    StatusCode: status,
  });
};

const invoke = async (wanted: Invocation, payload: string, job: Job) => {
  const answer = await job
    .call("lambda", "Invoke", { ...wanted, Payload: Buffer.from(payload) } as InputOf<"lambda", "Invoke">)
    .catch(refused(job));
  const text = answer.Payload === undefined ? "" : Buffer.from(answer.Payload).toString("utf8");
  if (answer.FunctionError !== undefined) throw functionFault(text);
  return { payload: text, status: answer.StatusCode ?? 200, version: answer.ExecutedVersion };
};

/** The error's type is the error, and what the function answered with is the cause. */
const functionFault = (text: string): TaskFault => {
  const type = errorTypeIn(text);
  return type === undefined
    ? new TaskFault(
        "Lambda.Unknown",
        "The cause could not be determined because Lambda did not return an error type. Returned payload: " + text,
      )
    : new TaskFault(type, text);
};

const errorTypeIn = (text: string): string | undefined => {
  try {
    const told = JSON.parse(text) as Json;
    const type = isObject(told) ? told["errorType"] : undefined;
    return typeof type === "string" && type !== "" ? type : undefined;
  } catch {
    return undefined;
  }
};
