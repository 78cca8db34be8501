import { checkRole } from "../check-settings.ts";
import { invalidInput, validation } from "../faults.ts";
import type { Origin } from "../language/interpreter/execution.ts";
import { isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import type { Sfn, SfnContext } from "../sfn.ts";
import { answerOf } from "./answer.ts";
import { checkResult } from "./check-mock.ts";
import { checkMock, checkRequest } from "./check-request.ts";
import type { Request } from "./check-request.ts";
import { runTested } from "./run-tested.ts";
import { findTested, unnamed } from "./tested.ts";

/** Runs one state with nothing around it: a Task is performed as the role says, or answered by the mock. */
export const TestState: Sfn["TestState"] = async (input, context) => {
  checkMock(input);
  if (input.roleArn !== undefined) checkRole(input.roleArn);
  const { taskChecks: checks } = context;
  const tested = findTested(input, { checkTask: await checks.checkFor(input.definition), checkTaskInput: checks.checkInput });
  checkRequest(input, tested);
  if (input.mock?.result !== undefined)
    await checkResult(tested.state, { text: input.mock.result, mode: input.mock.fieldValidationMode ?? "STRICT" }, checks);
  const origin = originOf(input, context);
  return answerOf(await runTested(tested, input, { context, origin }), tested, input);
};

const json = (text: string): { value: Json } | { fault: string } => {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: (error as SyntaxError).message };
  }
};

const objectIn = (text: string | undefined, member: string): JsonObject | undefined => {
  if (text === undefined) return undefined;
  const read = json(text);
  if ("fault" in read || !isObject(read.value)) throw validation(`The ${member} must be a JSON object`);
  return read.value;
};

const originOf = (input: Request, { account, region }: SfnContext): Origin => {
  const text = input.input ?? "{}";
  const read = json(text);
  if ("fault" in read) throw invalidInput(read.fault);
  const variables = objectIn(input.variables, "variables");
  const shown = objectIn(input.context, "context");
  return {
    executionArn: `arn:aws:states:${region}:${account}:execution:${unnamed}:${unnamed}`,
    name: unnamed,
    roleArn: input.roleArn ?? "",
    stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${unnamed}`,
    stateMachineName: unnamed,
    region,
    input: text,
    maxSeconds: 300,
    ...(variables === undefined ? {} : { variables }),
    ...(shown === undefined ? {} : { context: shown }),
  };
};
