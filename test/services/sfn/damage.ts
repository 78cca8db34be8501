import * as fc from "fast-check";

/** Values that are not what a member wants. */
export const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, -1, 1.5, 1e99, true, [], {}, [[]], [{}], ["States.ALL"], { "a.$": "$.b" }, { "a.$": "States.Array()" }),
  fc.constantFrom(
    "",
    "$",
    "$$",
    "$.",
    "$[",
    "$..",
    "$.a[?(",
    "$x",
    "$.a[*].b",
    "$['a']['b']",
    "$.a[0:1]",
    "$.a.length()",
    "$$.Execution.Id",
  ),
  fc.constantFrom(
    "States.",
    "States.UUID()",
    "States.Format('{}', $.a)",
    "States.Format('{'",
    "__proto__",
    "constructor",
    "JSONata",
    "Task",
    "Map",
  ),
  fc.constantFrom("{% %}", "{% $ %}", "{% $states.input %}", "{% 1 + %}", "{%", "%}", "2026-01-01T00:00:00Z"),
  fc.constantFrom("arn:aws:lambda:us-east-1:000000000000:function:f", {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
  }),
);

const fields = `
  Type Next End Resource Parameters ResultPath InputPath OutputPath ResultSelector Assign Output Arguments Choices Default
  Branches ItemProcessor ItemsPath Items ItemSelector MaxConcurrency Retry Catch Seconds SecondsPath Timestamp TimestampPath
  TimeoutSeconds HeartbeatSeconds Error ErrorPath Cause CausePath States StartAt QueryLanguage Condition Variable StringEquals
  NumericEqualsPath IsPresent And Not ErrorEquals Result IntervalSeconds MaxAttempts BackoffRate JitterStrategy ItemReader
  ItemBatcher ResultWriter Label __proto__ x.$
`
  .trim()
  .split(/\s+/);

/** Something done to a definition: a member of some object in it is taken out, replaced or added. */
export type Change = {
  readonly pick: number;
  readonly action: "remove" | "replace" | "add";
  readonly field: string;
  readonly value: unknown;
};

export const change: fc.Arbitrary<Change> = fc.record({
  pick: fc.nat(),
  action: fc.constantFrom("remove", "replace", "add"),
  field: fc.constantFrom(...fields),
  value: odd,
});

type Holder = Record<string, unknown>;

const holders = (value: unknown): Holder[] =>
  typeof value === "object" && value !== null ? [value as Holder, ...Object.values(value).flatMap((inner) => holders(inner))] : [];

export const mutate = (definition: object, changes: readonly Change[]): unknown => {
  const mutated = structuredClone(definition);
  for (const { pick, action, field, value } of changes) {
    const all = holders(mutated);
    const holder = all[pick % all.length];
    if (holder === undefined) continue;
    const keys = Object.keys(holder);
    const key = action === "add" && !Array.isArray(holder) ? field : (keys[pick % Math.max(1, keys.length)] ?? field);
    if (action === "remove") delete holder[key];
    else Object.defineProperty(holder, key, { value: structuredClone(value), enumerable: true, configurable: true, writable: true });
  }
  return mutated;
};
