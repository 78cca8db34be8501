import { Fault, internalFailure, notImplemented } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { OperationSchema } from "#wire/schema.ts";
import type { ServiceName } from "#wire/sdk.ts";
import type { Json, JsonObject } from "../language/json.ts";
import { isObject } from "../language/json.ts";
import { callFault, serviceIsMissing } from "./call-fault.ts";
import type { Job } from "./job.ts";
import { metadataOf } from "./metadata.ts";
import { sorted, toInput, toOutput } from "./shapes.ts";

/** Does what a target stands for; an integration that AWS has made by hand tells of its response as well. */
export const callTarget = async (job: Job): Promise<Json> => {
  const operation = operationOf(job);
  const output = await toOutput(operation.output, await answerOf(job, operation), job.naming);
  return job.target.kind === "sdk" || !isObject(output) ? output : sorted({ ...output, ...metadataOf(job) });
};

/** @throws what a task ends with on a service that is not there. */
export const operationOf = ({ target, resource, model, requestId, newId }: Job): OperationSchema => {
  if (!model) throw callFault(serviceIsMissing(resource.service.replace(/^aws-sdk:/, "")), { target, model, requestId, newId });
  const operation = model.operations.get(target.operation);
  if (operation) return operation;
  throw callFault(notImplemented(model.binding.name, target.operation), { target, model, requestId, newId });
};

const answerOf = (job: Job, operation: OperationSchema): Promise<unknown> => {
  const input = { ...tokensOf(operation, job), ...(toInput(operation.input, job.input, job.naming) as object) };
  const call = job.call as unknown as (service: ServiceName | undefined, operation: string, input: unknown) => ReturnType<Call>;
  return call(job.model?.binding.name, operation.name, input).catch(refused(job));
};

/** The members that AWS's SDKs make up when they are left out, so that a request that comes twice is done once. */
const tokensOf = ({ input }: OperationSchema, { naming, onceId }: Job): Record<string, string> =>
  Object.fromEntries(
    [...naming.membersOf(input).byName].flatMap(([name, { schema }]) => (schema.isIdempotencyToken() ? [[name, onceId]] : [])),
  );

/** For the calls of an integration: their refusal is the task's failure, under the name that AWS gives it. */
export const refused =
  ({ target, model, requestId, newId, log }: Job) =>
  (error: unknown): never => {
    if (!(error instanceof Fault)) log.error({ error }, "a task's call failed");
    throw callFault(error instanceof Fault ? error : internalFailure(), { target, model, requestId, newId });
  };

/** A result as an integration tells it that AWS has made by hand. */
export const tell = async ({ model, naming }: Job, operation: string, answer: object): Promise<JsonObject> => {
  const schema = model?.operations.get(operation);
  const told = schema && (await toOutput(schema.output, answer, naming));
  return isObject(told ?? null) ? (told as JsonObject) : {};
};
