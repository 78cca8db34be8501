import { requiredMembers } from "#wire/schema.ts";
import type { NormalizedSchema } from "#wire/schema.ts";
import { validation } from "../faults.ts";
import type { Naming } from "../integrations/members.ts";
import type { TaskChecks } from "../integrations/task-checks.ts";
import type { State } from "../language/definition.ts";
import { isArray, isObject } from "../language/json.ts";
import type { Json } from "../language/json.ts";
import type { TaskResource } from "../language/resource.ts";
import { distributed } from "./tested.ts";

type Mode = "STRICT" | "PRESENT" | "NONE";

/** Checks a mocked result: JSON always, and unless the mode is NONE what the state would get. */
export const checkResult = async (state: State, { text, mode }: { text: string; mode: Mode }, checks: TaskChecks): Promise<void> => {
  let result: Json;
  try {
    result = JSON.parse(text) as Json;
  } catch {
    throw validation("The mock's result is not valid JSON");
  }
  if (mode === "NONE") return;
  if (state.type === "Map") checkOfMap(result, distributed(state)?.writer?.resource !== undefined);
  if (state.type === "Parallel") checkOfParallel(result, state.branches.length);
  if (state.type === "Task") await checkOfTask(state.resource, { result, mode, checks });
};

const checkOfMap = (result: Json, isWritten: boolean): void => {
  if (isWritten ? !isObject(result) : !isArray(result))
    throw validation(
      `The mock's result for a Map state ${isWritten ? "with a ResultWriter must be a JSON object" : "must be a JSON array"}`,
    );
};

const checkOfParallel = (result: Json, branches: number): void => {
  if (!isArray(result)) throw validation("The mock's result for a Parallel state must be a JSON array");
  if (result.length !== branches)
    throw validation(`The mock's result for a Parallel state must have one element for each of its ${branches} branches`);
};

/** Jobs that are waited for answer as the call does that looks at them. */
const polled: Readonly<Record<string, string>> = { "states:startExecution": "DescribeExecution", "ecs:runTask": "DescribeTasks" };

/** The operation whose answer a task's result is: none where a worker or a function gives it, and none of a service that we lack. */
const operationOf = async (resource: TaskResource, checks: TaskChecks) => {
  if (resource.kind !== "service" || resource.pattern === "token") return undefined;
  if (resource.pattern !== "sync") return checks.operationOf(resource);
  const name = polled[`${resource.service}:${resource.action}`];
  return name === undefined ? undefined : checks.operationOf(resource, name);
};

const checkOfTask = async (
  resource: TaskResource,
  { result, mode, checks }: { result: Json; mode: Mode; checks: TaskChecks },
): Promise<void> => {
  const found = await operationOf(resource, checks);
  if (!found) return;
  const { operation, naming } = found;
  // The optimised integration of Lambda hands on what the function gave, as JSON.
  const free = resource.kind === "service" && resource.service === "lambda" ? "Payload" : undefined;
  const wrong = mismatch(operation.output, result, { path: "", strict: mode === "STRICT", free, naming });
  if (wrong !== undefined) throw validation(`The mock's result does not conform to the response of ${operation.name}: ${wrong}`);
};

type At = { readonly path: string; readonly strict: boolean; readonly free: string | undefined; readonly naming: Naming };

/** What is wrong with a value, members being named as the integration does; what the model does not know is not looked at. */
const mismatch = (schema: NormalizedSchema, value: Json, at: At): string | undefined => {
  if (schema.isStructSchema()) return isObject(value) ? inStructure(schema, value, at) : not("an object", at);
  if (schema.isListSchema()) {
    if (!isArray(value)) return not("an array", at);
    return first(value.map((each, index) => mismatch(schema.getValueSchema(), each, below(at, `[${index}]`))));
  }
  if (schema.isMapSchema()) {
    if (!isObject(value)) return not("an object", at);
    return first(Object.entries(value).map(([key, each]) => mismatch(schema.getValueSchema(), each, below(at, `.${key}`))));
  }
  const wanted = scalarOf(schema);
  const isTime = schema.isTimestampSchema() && typeof value === "number";
  return wanted === undefined || typeof value === wanted || isTime ? undefined : not(`a ${wanted}`, at);
};

const inStructure = (schema: NormalizedSchema, value: Readonly<Record<string, Json>>, at: At): string | undefined => {
  const inside = { ...at, free: undefined };
  const missing = at.strict
    ? requiredMembers(schema)
        .map(at.naming.nameOf)
        .find((name) => !Object.hasOwn(value, name))
    : undefined;
  if (missing !== undefined) return `'${below(inside, `.${missing}`).path}' is required`;
  const found = [...at.naming.membersOf(schema).byTold].map(([key, member]): string | undefined => {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    return given === undefined || key === at.free ? undefined : mismatch(member.schema, given, below(inside, `.${key}`));
  });
  return first(found);
};

/** Bytes and points in time are texts in a task's result; optimised integrations tell times in milliseconds. */
const scalarOf = (schema: NormalizedSchema): "string" | "number" | "boolean" | undefined => {
  if (schema.isStringSchema() || schema.isBlobSchema() || schema.isTimestampSchema()) return "string";
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) return "number";
  return schema.isBooleanSchema() ? "boolean" : undefined;
};

const below = (at: At, step: string): At => ({ ...at, path: (at.path + step).replace(/^\./, "") });
const not = (what: string, { path }: At): string => `${path === "" ? "it" : `'${path}'`} must be ${what}`;
const first = (found: readonly (string | undefined)[]): string | undefined => found.find((wrong) => wrong !== undefined);
