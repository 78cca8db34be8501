import type { Distributed, Field, ItemReader, MapState } from "../definition.ts";
import { evaluate, look } from "../intrinsics/evaluate.ts";
import type { Expression } from "../intrinsics/parse.ts";
import { isArray, isObject, type Json } from "../json.ts";
import { unsuitable } from "../jsonata/expression.ts";
import { limits } from "../limits.ts";
import { readAt } from "../path/reference.ts";
import { runtimeFailure } from "../state-failure.ts";
import { joinIterations, startIterations } from "./children.ts";
import { contextObject } from "./context-object.ts";
import type { Thread } from "./execution.ts";
import type { BatcherSpec, MapRunSpec, ReaderSpec, WriterSpec } from "./map-run-spec.ts";
import type { Run } from "./run.ts";
import { collection, evaluateField, evaluatePayload, list, number, selectedInput, sourceOf, viewOf, type View } from "./view.ts";

/** Starts the iterations of an inline Map, or the map run of a distributed one. */
export const runMap = async (run: Run, id: string, state: MapState): Promise<void> => {
  const thread = run.thread(id);
  const input = selectedInput(run, thread, state.flow);
  const view = viewOf(run, thread, { input });
  if (state.distributed) return runDistributed(run, thread, { state, distributed: state.distributed, view });
  const items = await itemsOf(state, view);
  if (!isArray(items)) throw notAnArray(state);
  const most = (await concurrencyOf(state.maxConcurrency, view)) ?? 0;
  run.note(() => ({ afterItemsPath: run.write(items), maxConcurrency: most }));
  const startedEventId = run.record(id, "MapStateStarted", { mapStateStartedEventDetails: { length: items.length } });
  run.update({ items: { ...run.execution.items, [id]: items.map((item) => run.write(item)) } });
  const concurrency = most === 0 ? limits.inlineMapConcurrency : Math.min(most, limits.inlineMapConcurrency);
  run.phase(id, { kind: "iterating", count: items.length, next: 0, done: 0, concurrency, startedEventId });
  // A test answers in place of the iterations, even if there are none.
  if (items.length === 0 && run.inspection === undefined) await joinIterations(run, id);
  else startIterations(run, id);
};

/** What the Map goes through: an array, or where it is distributed also an object. */
export const itemsOf = async (state: MapState, view: View): Promise<Json> => {
  if (state.itemsPayload) return evaluatePayload(state.itemsPayload, view);
  if (state.items === undefined) return view.sight.input;
  if (state.items.kind === "path") return itemsAt(state.items.expression, view);
  return evaluateField(state.items, view, { expected: state.distributed ? collection : list, reject: () => notAnArray(state) });
};

/** ItemsPath is a reference path: AWS tells at which step it leads nowhere. */
const itemsAt = (expression: Expression, { sight }: View): Json => {
  if (expression.kind === "call") return evaluate(expression, "ItemsPath", sight);
  const { path } = expression;
  const root = sight.input === null ? undefined : look({ ...path, steps: [] }, sight);
  return root === undefined ? evaluate(expression, "ItemsPath", sight) : readAt(path, root);
};

const notAnArray = (state: MapState) => {
  const path = state.items?.kind === "path" ? sourceOf(state.items.expression) : "$";
  return runtimeFailure(`Reference path "${path}" must point to array.`);
};

const notOfType = (field: Field<number>, type: "integer" | "float") => (path: string, value: Json) =>
  runtimeFailure(
    `The ${field.kind === "path" ? field.field : "expression"} field refers to value "${shown(value)}" which is not a valid ${type}: ${path}`,
  );

const shown = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What a path may lead to: AWS reads the number from the text of the value, so `"2"` is one (floci-io/floci, pull request 3732). */
const scalar = {
  type: "number",
  is: (value: Json): value is number | string => typeof value === "number" || typeof value === "string",
};

const numberIn = (text: string, whole: boolean): number =>
  (whole ? /^[+-]?\d+$/ : /^[+-]?\d+(?:\.\d+)?$/).test(text) ? Number(text) : Number.NaN;

/** A number of a Map; `bounds` says what is wrong with one that is out of bounds. */
const numberOf = async (
  field: Field<number> | undefined,
  view: View,
  { whole = true, bounds }: { whole?: boolean; bounds: (value: number) => string | undefined },
): Promise<number | undefined> => {
  if (field === undefined) return undefined;
  const reject = notOfType(field, whole ? "integer" : "float");
  const given = await evaluateField<number | string>(field, view, { expected: field.kind === "path" ? scalar : number, reject });
  const value = typeof given === "string" ? numberIn(given, whole) : given;
  const wrong = bounds(value);
  if (field.kind === "query") {
    if (whole && !Number.isInteger(value)) throw unsuitable(field.query, `returned a value that is not an integer: ${value}`);
    if (wrong !== undefined) throw unsuitable(field.query, `returned a value that is out of range. ${wrong}`);
    return value;
  }
  if (whole ? !Number.isInteger(value) : Number.isNaN(value)) throw reject(field.kind === "path" ? sourceOf(field.expression) : "", given);
  if (wrong !== undefined) throw runtimeFailure(wrong);
  return value;
};

const notNegative = (name: string) => (value: number) => (value < 0 ? `${name} cannot be negative.` : undefined);

const concurrencyOf = (field: Field<number> | undefined, view: View): Promise<number | undefined> =>
  numberOf(field, view, {
    bounds: (value) => (value < 0 ? `Expected non-negative integer for MaxConcurrency, got '${value}' instead.` : undefined),
  });

const percentageOf = (field: Field<number> | undefined, view: View): Promise<number | undefined> =>
  numberOf(field, view, {
    whole: false,
    bounds: (value) => (value < 0 || value > 100 ? "ToleratedFailurePercentage must be between 0 and 100." : undefined),
  });

type Parts = { readonly state: MapState; readonly distributed: Distributed; readonly view: View };

const runDistributed = async (run: Run, thread: Thread, parts: Parts): Promise<void> => {
  const { state, distributed, view } = parts;
  // A reader's dataset is counted by the map run; ItemsPath is not looked at then.
  const items = distributed.reader ? undefined : await itemsOf(state, view);
  if (items !== undefined && !isArray(items) && !isObject(items)) throw notAnArray(state);
  const spec = await specOf(run, thread, { ...parts, items });
  const length = isArray(items) ? items.length : items === undefined ? 0 : Object.keys(items).length;
  run.note(() => ({
    ...(items === undefined ? {} : { afterItemsPath: run.write(items) }),
    maxConcurrency: spec.concurrency,
    toleratedFailureCount: spec.toleratedFailureCount ?? 0,
    toleratedFailurePercentage: spec.toleratedFailurePercentage ?? 0,
  }));
  const key = run.key(thread.id);
  run.record(thread.id, "MapStateStarted", { mapStateStartedEventDetails: { length } });
  run.phase(thread.id, { kind: "mapRun", run: { key, spec, mapRunArn: undefined } });
  run.effects.push({ kind: "mapRun", key, spec, redriven: false });
};

const specOf = async (
  run: Run,
  thread: Thread,
  { state, distributed, view, items }: Parts & { items: Json | undefined },
): Promise<MapRunSpec> => {
  const most = (await concurrencyOf(state.maxConcurrency, view)) ?? 0;
  return {
    scope: thread.scope,
    state: state.name,
    processor: state.processor,
    executionType: distributed.executionType,
    label: distributed.label,
    concurrency: most,
    toleratedFailureCount: await numberOf(distributed.toleratedFailureCount, view, { bounds: notNegative("ToleratedFailureCount") }),
    toleratedFailurePercentage: await percentageOf(distributed.toleratedFailurePercentage, view),
    items: items === undefined ? undefined : run.write(items),
    reader: distributed.reader && (await readerOf(distributed.reader, view)),
    batcher: await batcherOf(distributed, view),
    writer: await writerOf(distributed, view),
    view: {
      input: run.read(thread.input),
      effectiveInput: view.sight.input,
      variables: view.sight.variables,
      context: contextObject(run, thread),
    },
  };
};

const readerOf = async (reader: ItemReader, view: View): Promise<ReaderSpec> => {
  const { arguments: payload, maxItems, ...rest } = reader;
  return {
    ...rest,
    arguments: payload === undefined ? {} : await evaluatePayload(payload, view),
    // A negative number that a path leads to is refused by the map run that reads.
    maxItems: await numberOf(maxItems, view, { bounds: maxItems?.kind === "path" ? () => undefined : notNegative("MaxItems") }),
  };
};

const batcherOf = async ({ batcher }: Distributed, view: View): Promise<BatcherSpec | undefined> =>
  batcher && {
    maxItems: (await numberOf(batcher.maxItemsPerBatch, view, { bounds: notNegative("MaxItemsPerBatch") })) || undefined,
    maxBytes: (await numberOf(batcher.maxInputBytesPerBatch, view, { bounds: notNegative("MaxInputBytesPerBatch") })) || undefined,
    batchInput: batcher.batchInput && (await evaluatePayload(batcher.batchInput, view)),
  };

const writerOf = async ({ writer }: Distributed, view: View): Promise<WriterSpec | undefined> =>
  writer && {
    resource: writer.resource,
    arguments: writer.arguments && (await evaluatePayload(writer.arguments, view)),
    transformation: writer.transformation ?? "NONE",
    outputType: writer.outputType ?? "JSON",
  };
