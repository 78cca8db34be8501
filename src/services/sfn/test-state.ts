import type { InspectionData, TestExecutionStatus } from "@aws-sdk/client-sfn";
import { Fault } from "#wire/fault.ts";
import { invalidDefinition, invalidInput, validation } from "./faults.ts";
import { checkRole } from "./check-settings.ts";
import type { Machine } from "./language/definition.ts";
import type { Effect } from "./language/interpreter/effects.ts";
import type { Occurrence } from "./language/interpreter/events.ts";
import type { Execution, Origin } from "./language/interpreter/execution.ts";
import { step } from "./language/interpreter/step.ts";
import type { StepResult } from "./language/interpreter/step.ts";
import { isObject } from "./language/json.ts";
import type { Json, JsonObject } from "./language/json.ts";
import { parseStateDefinition } from "./language/parse/parse.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

type Input = Parameters<Sfn["TestState"]>[0];
type Task = Extract<Effect, { kind: "task" }>;

const stateName = "TestState";

/** Runs one state with nothing around it: a Task is performed as the role says, or answered by the mock. */
export const TestState: Sfn["TestState"] = async (input, context) => {
  if (input.stateConfiguration !== undefined)
    throw new Fault("NotImplemented", "TestState with stateConfiguration is not implemented.", 501);
  const name = input.stateName ?? stateName;
  const { machine, diagnostics } = parseTested(input, name);
  if (!machine) throw invalidDefinition(diagnostics);
  if (input.roleArn !== undefined) checkRole(input.roleArn);
  const tested = machine.scopes[0]?.states.get(name);
  if (tested === undefined) throw validation(`State not found: ${name}`);
  if ((tested.type === "Map" || tested.type === "Parallel") && !input.mock)
    throw validation(`State type '${tested.type}' is not supported when a mock is not specified`);
  if (tested.type === "Map" || tested.type === "Parallel")
    throw new Fault("NotImplemented", `TestState of a ${tested.type} state is not implemented.`, 501);
  const first = await stepOf(machine, undefined, { kind: "started", origin: originOf(input, context) }, { budget: 1, context });
  const task = first.effects.find((effect): effect is Task => effect.kind === "task");
  if (!task) return answer(first, name, input);
  if (!input.mock && input.roleArn === undefined) throw validation("A role ARN must be specified for a Task state without a mock");
  const told = await answerTo(task, input, { context, origin: first.execution.origin });
  const last = await stepOf(machine, first.execution, told, { budget: 0, context });
  const tests = answer({ ...last, inspection: { ...first.inspection, ...last.inspection } }, name, input);
  // A failure that is retried or caught is not the execution's, but it is told.
  if (told.kind !== "taskFailed" || tests.status === "FAILED") return tests;
  const { error, cause } = told;
  return { ...tests, ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};

/** The definition is one state's, or with `stateName` a whole machine's. */
const parseTested = ({ definition, stateName: named }: Input, name: string) => {
  if (named === undefined) return parseStateDefinition(definition, name);
  const whole = json(definition, "definition");
  const state = isObject(whole) && isObject(whole["States"]) ? whole["States"][named] : undefined;
  if (!isObject(whole) || state === undefined) throw validation(`State not found: ${named}`);
  const language = isObject(state) && whole["QueryLanguage"] !== undefined ? { QueryLanguage: whole["QueryLanguage"] } : {};
  return parseStateDefinition(JSON.stringify({ ...language, ...(state as JsonObject) }), name);
};

const json = (text: string, member: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw member === "input" ? invalidInput((error as SyntaxError).message) : validation(`Invalid JSON in ${member}`);
  }
};

const objectIn = (text: string | undefined, member: string): JsonObject | undefined => {
  const value = text === undefined ? undefined : json(text, member);
  if (value !== undefined && !isObject(value)) throw validation(`The ${member} must be a JSON object`);
  return value;
};

const originOf = (input: Input, { account, region }: SfnContext): Origin => {
  json(input.input ?? "{}", "input");
  const variables = objectIn(input.variables, "variables");
  const shown = objectIn(input.context, "context");
  const machine = `arn:aws:states:${region}:${account}:stateMachine:${stateName}`;
  return {
    executionArn: `arn:aws:states:${region}:${account}:execution:${stateName}:${stateName}`,
    name: stateName,
    roleArn: input.roleArn ?? "",
    stateMachineArn: machine,
    stateMachineName: stateName,
    region,
    input: input.input ?? "{}",
    maxSeconds: 300,
    ...(variables === undefined ? {} : { variables }),
    ...(shown === undefined ? {} : { context: shown }),
  };
};

type Around = { budget: number; context: Pick<SfnContext, "now" | "newId"> };

const stepOf = (machine: Machine, execution: Execution | undefined, occurrence: Occurrence, { budget, context }: Around) =>
  step(machine, execution, { event: { now: context.now, entropy: context.newId(), ...occurrence }, budget, inspect: true });

const answerTo = async (task: Task, { mock }: Input, { context, origin }: { context: SfnContext; origin: Origin }): Promise<Occurrence> => {
  const { key } = task;
  if (!mock) return context.testTasks.perform(task, { origin, signal: context.signal, tell: async () => {} });
  const { result, errorOutput } = mock;
  if (result !== undefined) {
    json(result, "mock");
    return { kind: "taskSucceeded", key, output: result };
  }
  const { error, cause } = errorOutput ?? {};
  return { kind: "taskFailed", key, ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};

const answer = ({ execution, inspection }: StepResult, name: string, { inspectionLevel = "INFO" }: Input) => {
  const thread = execution.threads["0"] ?? Object.values(execution.threads)[0];
  const next = thread !== undefined && thread.state !== name ? thread.state : undefined;
  const isRetried = execution.status === "RUNNING" && thread?.phase.kind === "backingOff";
  const failed = inspection?.errorDetails?.catchIndex !== undefined;
  const status: TestExecutionStatus = isRetried
    ? "RETRIABLE"
    : failed
      ? "CAUGHT_ERROR"
      : execution.status === "FAILED" || execution.status === "TIMED_OUT"
        ? "FAILED"
        : "SUCCEEDED";
  const output = execution.output ?? (next === undefined ? undefined : thread?.input);
  const { error, cause } = execution;
  return {
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(next === undefined ? {} : { nextState: next }),
    ...(inspectionLevel === "INFO" ? {} : { inspectionData: inspection as InspectionData }),
  };
};
