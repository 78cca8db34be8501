import { parseDefinition } from "#services/sfn/language/parse/parse.ts";
import type { Machine } from "#services/sfn/language/definition.ts";
import type { StepEvent } from "#services/sfn/language/interpreter/events.ts";
import type { Origin } from "#services/sfn/language/interpreter/execution.ts";
import { step, type StepResult } from "#services/sfn/language/interpreter/step.ts";
import { measureRounds } from "./measure/rounds.ts";
import { printMeasured } from "./measure/table.ts";

/** Transitions a second of the interpreter alone, in memory. A transition is a state entered and left, with its history. */
const length = 100;
const executions = 200;

const chain = (state: (index: number) => object, language = "JSONPath") => ({
  QueryLanguage: language,
  StartAt: "S1",
  States: Object.fromEntries(
    Array.from({ length }, (_, index) => [`S${index + 1}`, index + 1 < length ? state(index + 1) : { Type: "Succeed" }]),
  ),
});

const next = (index: number) => `S${index + 1}`;
const definitions: Record<string, object> = {
  "Pass, data untouched": chain((index) => ({ Type: "Pass", Next: next(index) })),
  "Pass and Choice": chain((index) =>
    index % 2 === 1
      ? { Type: "Pass", Result: index, ResultPath: "$.n", Next: next(index) }
      : { Type: "Choice", Choices: [{ Variable: "$.n", NumericLessThan: 0, Next: `S${length}` }], Default: next(index) },
  ),
  "Pass with Parameters": chain((index) => ({
    Type: "Pass",
    Parameters: { "n.$": "States.MathAdd($.n, 1)", "name.$": "$.name" },
    Next: next(index),
  })),
  Task: chain((index) => ({ Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Parameters: { "n.$": "$.n" }, Next: next(index) })),
  "Pass with JSONata Output": chain(
    (index) => ({
      Type: "Pass",
      Output: { n: "{% $states.input.n + 1 %}", name: "{% $states.input.name %}" },
      Next: next(index),
    }),
    "JSONata",
  ),
};

const origin: Origin = {
  executionArn: "arn:aws:states:us-east-1:000000000000:execution:m:e",
  name: "e",
  roleArn: "arn:aws:iam::000000000000:role/r",
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m",
  stateMachineName: "m",
  region: "us-east-1",
  input: JSON.stringify({ n: 0, name: "a workflow", list: [1, 2, 3] }),
};

/** Runs to the end; a task answers at once with its input. */
const execute = async (machine: Machine, budget: number): Promise<void> => {
  const at = { now: 0, entropy: "e" };
  let { execution, effects, wakeAt }: Pick<StepResult, "execution" | "effects" | "wakeAt"> = await step(machine, undefined, {
    event: { ...at, kind: "started", origin },
    budget,
  });
  while (execution.status === "RUNNING") {
    const [effect] = effects;
    const event: StepEvent =
      effect?.kind === "task" ? { ...at, kind: "taskSucceeded", key: effect.key, output: effect.input } : { ...at, kind: "wake" };
    if (effect === undefined && wakeAt === undefined) throw new Error("The execution waits for nothing");
    // oxlint-disable-next-line no-await-in-loop -- each step goes on from the last
    ({ execution, effects, wakeAt } = await step(machine, execution, { event, budget }));
  }
  if (execution.status !== "SUCCEEDED") throw new Error(`${execution.error}: ${execution.cause}`);
};

const machineOf = (definition: object): Machine => {
  const { machine, diagnostics } = parseDefinition(JSON.stringify(definition));
  if (machine === undefined) throw new Error(JSON.stringify(diagnostics));
  return machine;
};

const variants = Object.entries(definitions).flatMap(([name, definition]) => {
  const machine = machineOf(definition);
  return [length, 1].map((budget) => ({
    name: `${name}, ${budget === 1 ? "a state" : "the chain"} in a step`,
    round: async () => {
      // oxlint-disable-next-line no-await-in-loop -- one core, one execution at a time
      for (let index = 0; index < executions; index += 1) await execute(machine, budget);
      return executions * length;
    },
  }));
});

printMeasured(await measureRounds(variants, 5), variants[0]?.name ?? "");
