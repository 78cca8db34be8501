import type { Field, Flow, Payload, State } from "../definition.ts";
import { evaluate, type Sight } from "../intrinsics/evaluate.ts";
import type { Expression } from "../intrinsics/parse.ts";
import type { Json, JsonObject } from "../json.ts";
import { askFor, type Bindings } from "../jsonata/expression.ts";
import { fillQueries } from "../jsonata/template.ts";
import { fill } from "../template.ts";
import { contextObject } from "./context-object.ts";
import type { Thread } from "./execution.ts";
import type { Run } from "./run.ts";

/** What the expressions of a state see at one moment. */
export type View = { readonly sight: Sight; readonly bindings: Bindings };

/** What a moment adds: what `$` is, what `$states` holds besides input and context, the task's token, the item. */
export type Moment = {
  readonly input?: Json;
  readonly states?: JsonObject;
  readonly token?: string | undefined;
  readonly item?: JsonObject;
};

export const viewOf = (run: Run, thread: Thread, moment: Moment = {}): View => {
  let context: JsonObject | undefined;
  const seeContext = () => (context ??= { ...contextObject(run, thread, moment.token), ...(moment.item ? { Map: moment.item } : {}) });
  const variables = run.variables(thread);
  const stateInput = run.read(thread.input);
  return {
    sight: { input: moment.input ?? stateInput, context: seeContext, variables, chance: run.chance },
    bindings: {
      variables,
      ambient: { nowMs: run.now, chance: run.chance },
      get states() {
        return { input: stateInput, context: seeContext(), ...moment.states };
      },
    },
  };
};

/** A payload in its language; `field` only for JSONPath templates that are a single value. */
export const evaluatePayload = async (payload: Payload, view: View): Promise<Json> =>
  payload.language === "JSONPath" ? fill(payload.template, view.sight) : fillQueries(payload.template, view.bindings);

type Expected<T extends Json> = { readonly type: string; readonly is: (value: Json) => value is T };

export const number: Expected<number> = { type: "number", is: (value): value is number => typeof value === "number" };
export const text: Expected<string> = { type: "string", is: (value): value is string => typeof value === "string" };
export const list: Expected<readonly Json[]> = { type: "array", is: (value): value is readonly Json[] => Array.isArray(value) };

export const collection: Expected<readonly Json[] | JsonObject> = {
  type: "array",
  is: (value): value is readonly Json[] | JsonObject => typeof value === "object" && value !== null,
};

/** The value of a field; `reject` makes the failure for a path that leads to a value of the wrong type. */
export const evaluateField = async <T extends Json>(
  field: Field<NoInfer<T>>,
  view: View,
  { expected, reject }: { expected: Expected<T>; reject: (path: string, value: Json) => Error },
): Promise<T> => {
  if (field.kind === "literal") return field.value;
  if (field.kind === "query") return askFor(field.query, view.bindings, expected);
  const value = evaluate(field.expression, field.field, view.sight);
  if (expected.is(value)) return value;
  throw reject(sourceOf(field.expression), value);
};

export const sourceOf = (expression: Expression): string => (expression.kind === "path" ? expression.path.source : expression.source);

/** What a path field selects: everything if it is left out, an empty object if it is null. */
export const through = (expression: Expression | null | undefined, field: string, view: View): Json => {
  if (expression === undefined) return view.sight.input;
  return expression === null ? {} : evaluate(expression, field, view.sight);
};

/** The state's input after InputPath. */
export const selectedInput = (run: Run, thread: Thread, flow: Flow): Json => {
  const selected = flow.inputPath === undefined ? run.read(thread.input) : through(flow.inputPath, "InputPath", viewOf(run, thread));
  run.note(() => ({ afterInputPath: run.write(selected) }));
  return selected;
};

/** The input that the work of a state gets: after InputPath and Parameters, or Arguments. */
export const effectiveInput = async (
  run: Run,
  thread: Thread,
  { state, token }: { state: State; token?: string | undefined },
): Promise<Json> => {
  const { flow } = state;
  const input = selectedInput(run, thread, flow);
  const effective = flow.arguments === undefined ? input : await evaluatePayload(flow.arguments, viewOf(run, thread, { input, token }));
  const text = () => run.write(effective);
  run.note(() => (state.language === "JSONata" ? { afterArguments: text() } : { afterParameters: text() }));
  return effective;
};
