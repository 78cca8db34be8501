import assert from "node:assert/strict";
import { TestStateCommand } from "@aws-sdk/client-sfn";
import type { SFNClient, TestStateCommandInput, TestStateCommandOutput } from "@aws-sdk/client-sfn";

export type Asked = Omit<TestStateCommandInput, "definition" | "input" | "context" | "variables"> &
  Partial<Record<"input" | "context" | "variables", unknown>>;

const text = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));

export type Bench = {
  /** Tests a state, or with `stateName` one of a machine, and shows all of its data. */
  ask(definition: object, asked?: Asked): Promise<TestStateCommandOutput>;
  refused(definition: object, asked: Asked, message: RegExp, name?: string): Promise<void>;
};

export const benchOf = (client: SFNClient): Bench => {
  const ask: Bench["ask"] = (definition, { input, context, variables, ...asked } = {}) =>
    client.send(
      new TestStateCommand({
        definition: JSON.stringify(definition),
        input: text(input),
        context: text(context),
        variables: text(variables),
        inspectionLevel: "DEBUG",
        ...asked,
      }),
    );
  const refused: Bench["refused"] = (definition, asked, message, name = "ValidationException") =>
    assert.rejects(ask(definition, asked), { name, message });
  return { ask, refused };
};

export const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json));
export const giving = (result: unknown) => ({ mock: { result: JSON.stringify(result) } });
export const failing = (error: string, cause = "because") => ({ mock: { errorOutput: { error, cause } } });

export const invoke = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: "f" }, End: true };
const states = {
  StartAt: "Work",
  States: { Work: { ...invoke, Catch: [{ ErrorEquals: ["Odd"], Next: "Off" }] }, Off: { Type: "Fail", Error: "Off" } },
};
export const each = { Type: "Map", ItemsPath: "$.items", ItemProcessor: states, Next: "On" };
export const child = { ...states, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
export const many = { ...each, ItemProcessor: child };
export const both = {
  Type: "Parallel",
  Branches: [states, { StartAt: "Rest", States: { Rest: { Type: "Pass", End: true } } }],
  Next: "On",
};
