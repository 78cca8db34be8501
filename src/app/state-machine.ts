import { AppError } from "./app-error.ts";
import { declare } from "./declarations.ts";
import type { LogLevel, MachineType, Permission } from "./declarations.ts";
import { reference, runningFunction } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { checkNames, scopeOf } from "./workflow/definition.ts";
import { toTemplate } from "./workflow/expression.ts";
import type { Json } from "./workflow/expression.ts";
import { Workflow } from "./workflow/workflow.ts";

/** A definition in the Amazon States Language; references may stand for texts: https://states-language.net */
export type PlainDefinition = { readonly StartAt: string; readonly States: object; readonly [field: string]: unknown };

export type StateMachineOptions<Input = unknown, Output = unknown> = {
  definition: Workflow<Input, Output> | PlainDefinition;
  /** Express ones run for five minutes at most, start faster and keep no history; STANDARD by default. */
  type?: MachineType;
  /** Seconds that an execution may take. */
  timeout?: number;
  /** What is written to the log group `/aws/vendedlogs/states/<stack>-<name>`; `data`: inputs and outputs too. */
  logging?: LogLevel | { level: LogLevel; data: boolean };
  /** What the definition calls beyond functions, tasks, state machines and buckets of the app, which it may call anyway. */
  permissions?: readonly Permission[];
};

/** A workflow that survives restarts: it calls functions, runs tasks, waits, chooses, repeats. */
export class StateMachine<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly arn: Reference;
  readonly #type: MachineType;

  constructor(name: string, options: StateMachineOptions<Input, Output>) {
    const { definition, type = "STANDARD", timeout, logging = "OFF", permissions = [] } = options;
    this.name = name;
    this.arn = reference(name, "arn");
    this.#type = type;
    const { level, data } = typeof logging === "string" ? { level: logging, data: false } : logging;
    declare({
      kind: "stateMachine",
      name,
      type,
      definition: () => definitionOf(definition, { timeout, of: `state machine "${name}"` }),
      logging: level === "OFF" ? undefined : { level, data },
      permissions,
    });
  }

  /** Starts an execution from a function, and returns as soon as it is accepted. A name makes sure that it is started once. */
  readonly start = async (input: Input, { name }: { name?: string } = {}): Promise<{ executionArn: string }> => {
    const arn = this.#realArn("start()");
    const { startExecution } = await import("./start-execution.ts");
    return startExecution(arn, input, name);
  };

  /** Runs an Express execution to its end, and answers with its output. @throws its error, by name and cause */
  readonly startSync = async (input: Input, { name }: { name?: string } = {}): Promise<Output> => {
    if (this.#type !== "EXPRESS")
      throw new AppError(`state machine "${this.name}": startSync() is for Express ones; make it \`type: "EXPRESS"\`, or use start().`);
    const arn = this.#realArn("startSync()");
    const { startSyncExecution } = await import("./start-execution.ts");
    return (await startSyncExecution(arn, input, name)) as Output;
  };

  #realArn(method: string): string {
    if (runningFunction() === undefined)
      throw new AppError(
        `state machine "${this.name}": ${method} starts an execution from within a function; the app's file itself only declares.`,
      );
    return this.arn.get();
  }
}

type About = { timeout: number | undefined; of: string };

const definitionOf = (definition: Workflow<unknown, unknown> | PlainDefinition, { timeout, of }: About): Json => {
  const whole =
    definition instanceof Workflow
      ? { QueryLanguage: "JSONata", ...scopeOf(definition.steps(), of) }
      : (toTemplate(definition) as Readonly<Record<string, Json>>);
  checkNames(whole);
  return { ...(timeout === undefined ? {} : { TimeoutSeconds: timeout }), ...whole };
};
