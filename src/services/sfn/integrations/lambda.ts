import { Fault } from "#wire/fault.ts";
import type { Call, InputOf } from "#wire/operation.ts";
import type { Json } from "../language/json.ts";
import { isObject } from "../language/json.ts";
import type { Job } from "./tasks.ts";
import { TaskFault } from "./task-fault.ts";

type Invocation = { FunctionName: string; Qualifier?: string; InvocationType?: string; ClientContext?: string; LogType?: string };

/** A function named by its ARN as the resource: the payload is the input, the result its answer. */
export const callFunction = async (arn: string, input: string, call: Call): Promise<string> => {
  const { payload } = await invoke({ FunctionName: arn }, input, call);
  return payload === "" ? "null" : payload;
};

/** `arn:aws:states:::lambda:invoke` */
export const invokeFunction = async ({ action, input, call }: Job): Promise<Json> => {
  const { FunctionName, Payload, ...rest } = input;
  if (action !== "invoke") throw new TaskFault("States.Runtime", `The action ${action} of lambda is not supported.`);
  if (typeof FunctionName !== "string") throw new TaskFault("Lambda.ValidationException", "The field 'FunctionName' is required.");
  const wanted = { ...rest, FunctionName } as Invocation;
  const { payload, status, version } = await invoke(wanted, Payload === undefined ? "{}" : JSON.stringify(Payload), call);
  const headers = { "Content-Length": String(Buffer.byteLength(payload)), "Content-Type": "application/json" };
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return {
    ...(version === undefined ? {} : { ExecutedVersion: version }),
    Payload: payload === "" ? {} : (JSON.parse(payload) as Json),
    SdkHttpMetadata: { AllHttpHeaders: lists, HttpHeaders: headers, HttpStatusCode: status },
    StatusCode: status,
  };
};

const invoke = async (wanted: Invocation, payload: string, call: Call) => {
  const answer = await call("lambda", "Invoke", { ...wanted, Payload: Buffer.from(payload) } as InputOf<"lambda", "Invoke">).catch(
    (error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      throw new TaskFault(`Lambda.${withSuffix(error.code)}`, `${error.message} (Service: Lambda, Status Code: ${error.status ?? 400})`);
    },
  );
  const text = answer.Payload === undefined ? "" : Buffer.from(answer.Payload).toString("utf8");
  if (answer.FunctionError !== undefined) throw functionFault(text);
  return { payload: text, status: answer.StatusCode ?? 200, version: answer.ExecutedVersion };
};

const withSuffix = (code: string) => (code.endsWith("Exception") ? code : `${code}Exception`);

/** The error's type is the error, and what the function answered with is the cause. */
const functionFault = (text: string): TaskFault => {
  let told: Json = null;
  try {
    told = JSON.parse(text) as Json;
  } catch {
    return new TaskFault("Lambda.Unknown", text);
  }
  const type = isObject(told) ? told["errorType"] : undefined;
  return new TaskFault(typeof type === "string" ? type : "Lambda.Unknown", text);
};
