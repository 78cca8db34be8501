import { AppError } from "../app-error.ts";
import type { Bucket } from "../bucket.ts";
import type { CloudFunction } from "../function.ts";
import type { StateMachine } from "../state-machine.ts";
import type { Task } from "../task.ts";
import { Choice } from "./choice.ts";
import type { Chosen } from "./choice.ts";
import { scopeOf } from "./definition.ts";
import type { Step } from "./definition.ts";
import { expression, toTemplate } from "./expression.ts";
import type { Expression, Json, Resolved, Value } from "./expression.ts";
import type { Dataset, Items } from "./items.ts";
import { catcher, retrier } from "./failures.ts";
import type { CatchOptions, ErrorOutput, RetryOptions } from "./failures.ts";
import { callFunction, input, result, runMachine, runTask } from "./tasks.ts";
import type { Called } from "./tasks.ts";
import { mapFields } from "./map.ts";
import type { AnyCallOptions, CallOptions, Environment, Given, MapOptions, TaskStateOptions, WrittenResults } from "./options.ts";

declare const types: unique symbol;

/** What a branch gives is left open here, lest the compiler take it for what a call in the branch gives. */
type Branch = { readonly steps: () => readonly Step[] };

/** States, one after the other: what goes in, and what the last one gives. Each method gives a longer one, and changes nothing. */
export class Workflow<Input, Current> {
  declare readonly [types]: { input: Input; output: Current };
  /** Worked out when the template is made: in a function, where the app's module is loaded as well, no state is looked at. */
  readonly steps: () => readonly Step[];

  constructor(steps: () => readonly Step[]) {
    this.steps = steps;
  }

  /** Calls a function with the state's input, or with what `input` makes of it. */
  invoke<Result, Out = Expression<Result>>(
    name: string,
    target: CloudFunction<Current, Result>,
    options?: CallOptions<Current, Result, Out>,
  ): Workflow<Input, Resolved<Out>>;
  invoke<Event, Result, Out = Expression<Result>>(
    name: string,
    target: CloudFunction<Event, Result>,
    options: Given<Current, Event> & CallOptions<Current, Result, Out>,
  ): Workflow<Input, Resolved<Out>>;
  invoke<Out>(name: string, target: Pick<CloudFunction, "id">, options: object = {}): Workflow<Input, Out> {
    return this.#call(name, () => callFunction(target, given(options)), options);
  }

  /** Runs another state machine to its end. */
  execute<Result, Out = Expression<Result>>(
    name: string,
    machine: StateMachine<Current, Result>,
    options?: CallOptions<Current, Result, Out>,
  ): Workflow<Input, Resolved<Out>>;
  execute<Event, Result, Out = Expression<Result>>(
    name: string,
    machine: StateMachine<Event, Result>,
    options: Given<Current, Event> & CallOptions<Current, Result, Out>,
  ): Workflow<Input, Resolved<Out>>;
  execute<Out>(name: string, machine: Pick<StateMachine, "arn">, options: object = {}): Workflow<Input, Out> {
    return this.#call(name, () => runMachine(machine, given(options)), options);
  }

  /** Runs a container to its end, and goes on with the input as it is. */
  run(name: string, task: Task, options: TaskStateOptions<Current> = {}): Workflow<Input, Current> {
    const of = <V>(value: V | ((input: Expression<Current>) => V)): V =>
      typeof value === "function" ? (value as (input: Expression<unknown>) => V)(input) : value;
    const called = () => runTask(task, { environment: of<Environment>(options.environment ?? {}), command: of<unknown>(options.command) });
    return this.#call(name, called, options.timeout === undefined ? {} : { timeout: options.timeout });
  }

  /** Calls any operation that Step Functions knows, such as `aws-sdk:s3:copyObject`; the state machine's `permissions` must allow it. */
  call<Result = unknown, Out = Expression<Result>>(
    name: string,
    action: string,
    options: Given<Current, unknown> & CallOptions<Current, Result, Out>,
  ): Workflow<Input, Resolved<Out>> {
    const called = () => ({ resource: `arn:aws:states:::${action}`, given: toTemplate(given(options as AnyCallOptions)), result });
    return this.#call(name, called, options as AnyCallOptions);
  }

  /** Goes on with other data. */
  pass<V>(name: string, output: (input: Expression<Current>) => V): Workflow<Input, Resolved<V>> {
    return this.#with(() => ({ name, fields: { Type: "Pass", Output: toTemplate(output(input as Expression<Current>)) } }));
  }

  /** Waits for so many seconds, or until a time in ISO 8601. */
  wait(
    name: string,
    time: number | ((input: Expression<Current>) => Expression<number>) | { until: (input: Expression<Current>) => Value<string> },
  ): Workflow<Input, Current> {
    const of = input as Expression<Current>;
    const field = (): Record<string, Json> => {
      if (typeof time === "object") return { Timestamp: toTemplate(time.until(of)) };
      return { Seconds: toTemplate(typeof time === "function" ? time(of) : time) };
    };
    return this.#with(() => ({ name, fields: { Type: "Wait", ...field() } }));
  }

  /** Takes the first flow whose condition holds; all of them come together again behind it. */
  choice<Out>(name: string, choose: (choice: Choice<Current, never>) => Chosen<Out>): Workflow<Input, Out> {
    return this.#with(() => {
      const { rules, otherwise } = choose(new Choice([], begin));
      return { name, fields: { Type: "Choice" }, rules, otherwise };
    });
  }

  /** Runs flows side by side, and goes on with what each has given, by its name. */
  parallel<Branches extends Readonly<Record<string, (flow: Workflow<Current, Current>) => Branch>>>(
    name: string,
    branches: Branches,
  ): Workflow<Input, { [K in keyof Branches]: OutputOf<ReturnType<Branches[K]>> }> {
    return this.#with(() => {
      const names = Object.keys(branches);
      const Branches = Object.entries(branches).map(([key, build]) => scopeOf(build(begin()).steps(), `Branch "${key}" of "${name}"`));
      const outputs = Object.fromEntries(names.map((key, index) => [key, expression(`$states.result[${index}]`)]));
      return { name, fields: { Type: "Parallel", Branches, Output: toTemplate(outputs) } };
    });
  }

  /** Runs a flow for each item, and goes on with the list of what they have given. */
  map<Item, Result, Out = Expression<Result[]>>(
    name: string,
    items: (input: Expression<Current>) => Items<Item> | Dataset<Item> | Expression<readonly Item[]>,
    flow: (item: Workflow<Item, Item>) => Workflow<Item, Result>,
    options: MapOptions & Pick<CallOptions<Current, Result[], Out>, "output"> = {},
  ): Workflow<Input, Resolved<Out>> {
    return this.#with(() => {
      const scope = scopeOf(flow(begin()).steps(), `The flow of "${name}"`);
      const fields = mapFields(items(input as Expression<Current>), scope, options);
      const { output } = options as AnyCallOptions;
      return { name, fields: { Type: "Map", ...fields, ...(output ? { Output: toTemplate(output(result, input)) } : {}) } };
    });
  }

  /** Has the distributed Map before it write its results to a bucket, rather than hand them on. */
  writeResultsTo(bucket: Bucket, prefix?: (input: Expression<unknown>) => Value<string>): Workflow<Input, WrittenResults> {
    return this.#change(["Map"], (step) => ({
      ...step,
      fields: {
        ...step.fields,
        ResultWriter: {
          Resource: "arn:aws:states:::s3:putObject",
          Arguments: toTemplate({ Bucket: bucket.id, Prefix: prefix?.(input) }),
        },
      },
    }));
  }

  /** Has the state before it try again after errors; asked for more than once, the first that names the error counts. */
  retry(options: RetryOptions = {}): Workflow<Input, Current> {
    return this.#change(failing, (step) => ({ ...step, retriers: [...(step.retriers ?? []), retrier(options)] }));
  }

  /** What becomes of the errors of the state before it; behind the flow, the workflow goes on as behind that state. */
  catchError<Out, Caught = Expression<ErrorOutput>>(
    flow: (error: Workflow<Resolved<Caught>, Resolved<Caught>>) => Workflow<Resolved<Caught>, Out>,
    options: CatchOptions<Caught> = {},
  ): Workflow<Input, Current | Out> {
    return this.#change(failing, (step) => {
      const caught = { fields: catcher(options), steps: flow(begin()).steps() };
      return { ...step, catchers: [...(step.catchers ?? []), caught] };
    });
  }

  /** Ends the execution with an error. */
  fail(name: string, error: string, cause?: (input: Expression<Current>) => Value<string>): Workflow<Input, never> {
    const causeOf = () => toTemplate({ Error: error, Cause: cause?.(input as Expression<Current>) }) as Record<string, Json>;
    return this.#with(() => ({ name, fields: { Type: "Fail", ...causeOf() } }));
  }

  #call<Out>(name: string, called: () => Called, { output, timeout }: AnyCallOptions): Workflow<Input, Out> {
    return this.#with(() => {
      const { resource, given: Arguments, result: answer } = called();
      const Output = toTemplate(output ? output(answer, input) : answer);
      const limit = timeout === undefined ? {} : { TimeoutSeconds: timeout };
      return { name, fields: { Type: "Task", Resource: resource, Arguments, Output, ...limit } };
    });
  }

  #with<Out>(step: () => Step): Workflow<Input, Out> {
    return new Workflow(() => [...this.steps(), step()]);
  }

  #change<Out>(kinds: readonly string[], change: (step: Step) => Step): Workflow<Input, Out> {
    return new Workflow(() => {
      const steps = this.steps();
      const last = steps.at(-1);
      if (!last || !kinds.includes(String(last.fields["Type"])))
        throw new AppError(
          `${last ? `"${last.name}"` : "Nothing"} comes before retry, catchError or writeResultsTo: that must be a ${kinds.join(", ")}.`,
        );
      return [...steps.slice(0, -1), change(last)];
    });
  }
}

const failing = ["Task", "Parallel", "Map"];

const given = ({ input: make }: AnyCallOptions): unknown => (make ? make(input) : input);

const begin = <T>(): Workflow<T, T> => new Workflow(() => []);

/** Begins a workflow: what it is given when it is started is of type `Input`. */
export const workflow = <Input = unknown>(): Workflow<Input, Input> => begin();

/** The type of what a workflow gives in the end. */
export type OutputOf<W> = W extends { readonly [types]: { output: infer Output } } ? Output : never;

/** The type of what a workflow is started with. */
export type InputOf<W> = W extends { readonly [types]: { input: infer Input } } ? Input : never;
