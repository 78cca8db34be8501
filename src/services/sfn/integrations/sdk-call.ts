import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import { NormalizedSchema, readOperations } from "#wire/schema.ts";
import type { OperationSchema, SchemaModule } from "#wire/schema.ts";
import type { ServiceName } from "#wire/sdk.ts";
import { isArray, isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import { TaskFault } from "./task-fault.ts";
import type { Job } from "./tasks.ts";

type Integrated = { name: ServiceName; label: string; sdk: () => Promise<SchemaModule> };

/** Services by the name that `aws-sdk:` resources have for them; the label begins their errors. */
const services: Readonly<Record<string, Integrated>> = {
  cloudformation: { name: "cloudformation", label: "CloudFormation", sdk: () => import("@aws-sdk/client-cloudformation") },
  cloudwatchlogs: { name: "logs", label: "CloudWatchLogs", sdk: () => import("@aws-sdk/client-cloudwatch-logs") },
  ecr: { name: "ecr", label: "Ecr", sdk: () => import("@aws-sdk/client-ecr") },
  ecs: { name: "ecs", label: "Ecs", sdk: () => import("@aws-sdk/client-ecs") },
  iam: { name: "iam", label: "Iam", sdk: () => import("@aws-sdk/client-iam") },
  lambda: { name: "lambda", label: "Lambda", sdk: () => import("@aws-sdk/client-lambda") },
  s3: { name: "s3", label: "S3", sdk: () => import("@aws-sdk/client-s3") },
  sfn: { name: "sfn", label: "Sfn", sdk: () => import("@aws-sdk/client-sfn") },
  sts: { name: "sts", label: "Sts", sdk: () => import("@aws-sdk/client-sts") },
};

const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** @throws what a task on a service or an operation ends with that is not there. */
export const lookUp = async (service: string, action: string): Promise<Integrated & { operation: OperationSchema }> => {
  const integrated = services[service];
  const label = upperFirst(service);
  if (!integrated)
    throw new TaskFault(`${label}.${label}Exception`, `The service ${service} is not implemented. (Service: ${label}, Status Code: 501)`);
  const operation = readOperations(await integrated.sdk()).get(upperFirst(action));
  if (!operation) throw new TaskFault("States.Runtime", `The action ${action} of ${service} is not known.`);
  return { ...integrated, operation };
};

/** `aws-sdk:<service>:<operation>`: an operation of ours, with the names of its members in Pascal case both ways. */
export const callSdk = async (resource: string, { action, input, call }: Job, change = (result: Json): Json => result): Promise<Json> => {
  const { name, label, operation } = await lookUp(resource.replace(/^aws-sdk:/, ""), action);
  const answer = await (call as unknown as (service: ServiceName, operation: string, input: unknown) => ReturnType<Call>)(
    name,
    operation.name,
    toInput(operation.input, input),
  ).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    const code = error.status === 501 ? label : error.code;
    throw new TaskFault(
      `${label}.${code.endsWith("Exception") ? code : `${code}Exception`}`,
      `${error.message} (Service: ${label}, Status Code: ${error.status ?? 400})`,
    );
  });
  return change(await toOutput(operation.output, answer));
};

const memberNames = (schema: NormalizedSchema) =>
  new Map([...schema.structIterator()].map(([name, member]) => [upperFirst(name), { name, member }] as const));

/** A task's input as the operation takes it. */
export const toInput = (schema: NormalizedSchema, value: Json): unknown => {
  if (schema.isStructSchema() && isObject(value)) {
    const members = memberNames(schema);
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
        const found = members.get(upperFirst(key));
        return found && each !== null ? [[found.name, toInput(found.member, each)]] : [];
      }),
    );
  }
  if (schema.isListSchema() && isArray(value)) return value.map((each) => toInput(schema.getValueSchema(), each));
  if (schema.isMapSchema() && isObject(value)) return mapValues(value, (each) => toInput(schema.getValueSchema(), each));
  if (schema.isBlobSchema() || schema.isStreaming()) return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  if (schema.isTimestampSchema()) return new Date(typeof value === "number" ? value * 1000 : String(value));
  // Objects where the operation takes a text, such as a nested execution's input, are written as JSON.
  return schema.isStringSchema() && typeof value === "object" ? JSON.stringify(value) : value;
};

const mapValues = (value: JsonObject, change: (each: Json) => unknown) =>
  Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));

/** What an operation answered, as JSON. */
export const toOutput = async (schema: NormalizedSchema, value: unknown): Promise<Json> => {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Readable) return (await buffer(value)).toString("utf8");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (Array.isArray(value))
    return Promise.all(value.map((each) => toOutput(schema.isListSchema() ? schema.getValueSchema() : schema, each)));
  if (typeof value !== "object") return value as Json;
  const isStruct = schema.isStructSchema();
  const entries = Object.entries(value as Record<string, unknown>).filter(([key, each]) => each !== undefined && key !== "$metadata");
  const members = isStruct ? new Map(schema.structIterator()) : undefined;
  const told = await Promise.all(
    entries.map(async ([key, each]): Promise<[string, Json]> => {
      const member = members?.get(key) ?? (schema.isMapSchema() ? schema.getValueSchema() : schema);
      return [isStruct ? upperFirst(key) : key, await toOutput(member, each)];
    }),
  );
  return Object.fromEntries(told);
};
