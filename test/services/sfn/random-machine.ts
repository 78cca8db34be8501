import * as fc from "fast-check";

/** Definitions that are valid and come to an end, whatever their tasks answer. */

type Language = "JSONPath" | "JSONata";
/** States without the way onward, by the position that they get. */
type Draft = (context: { name: string; later: string[]; end: boolean; language: Language; prefix: string }) => object;

const arn = "arn:aws:states:::sqs:sendMessage";

const onward = ({ later, end }: { later: string[]; end: boolean }) => (end ? { End: true } : { Next: later[0] ?? "" });

const guards = (retry: boolean, caught: boolean, context: Parameters<Draft>[0]) => ({
  ...(retry ? { Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1.5 }] } : {}),
  ...(caught && context.later[0] !== undefined ? { Catch: [{ ErrorEquals: ["States.ALL"], Next: context.later.at(-1) }] } : {}),
});

/**
 * A scope's variables are its own: AWS refuses names that a scope around it assigns too. `count`, there from the beginning, is counted up at the top and
 * read everywhere.
 */
const assignment = (n: number, { prefix, language }: Parameters<Draft>[0]) =>
  language === "JSONPath"
    ? { [`v${prefix}`]: n, [`w${prefix}.$`]: "$$.State.Name", ...(prefix === "" ? { "count.$": `States.MathAdd($count, ${n})` } : {}) }
    : {
        [`v${prefix}`]: n,
        [`w${prefix}`]: "{% $states.context.State.Name %}",
        ...(prefix === "" ? { count: `{% $count + ${n} %}` } : {}),
      };

const pass: fc.Arbitrary<Draft> = fc.tuple(fc.nat(9), fc.boolean()).map(([n, assigns]) => (context) => ({
  Type: "Pass",
  ...(context.language === "JSONPath"
    ? { Parameters: { "in.$": "$", n, "count.$": "$count" }, ResultPath: "$" }
    : { Output: { in: "{% $states.input %}", n: `{% ${n} + 1 %}`, count: "{% $count %}" } }),
  ...(assigns ? { Assign: assignment(n, context) } : {}),
  ...onward(context),
}));

const wait: fc.Arbitrary<Draft> = fc.nat(5).map((Seconds) => (context) => ({ Type: "Wait", Seconds, ...onward(context) }));

/** The task gets what decides over its success: how often it may fail, and how often it has been retried. */
const task: fc.Arbitrary<Draft> = fc.tuple(fc.nat(3), fc.boolean(), fc.boolean()).map(([fails, retry, caught]) => (context) => ({
  Type: "Task",
  Resource: arn,
  ...(context.language === "JSONPath"
    ? { Parameters: { fails, "retried.$": "$$.State.RetryCount", "in.$": "$" }, ResultSelector: { "got.$": "$.n" } }
    : {
        Arguments: { fails, retried: "{% $states.context.State.RetryCount %}", in: "{% $states.input %}" },
        Output: { got: "{% $states.result.n %}" },
      }),
  ...guards(retry, caught, context),
  ...onward(context),
}));

const choice: fc.Arbitrary<Draft> = fc.tuple(fc.nat(9), fc.nat(9)).map(([n, pick]) => (context) => {
  const { later, language } = context;
  if (later.length === 0) return { Type: "Succeed" };
  const Next = later[pick % later.length];
  return language === "JSONPath"
    ? {
        Type: "Choice",
        Choices: [
          {
            And: [
              { Variable: "$.n", IsPresent: true },
              { Variable: "$.n", NumericLessThan: n },
            ],
            Next,
          },
        ],
        Default: later[0],
      }
    : {
        Type: "Choice",
        Choices: [{ Condition: `{% $type($states.input.n) = 'number' and $states.input.n < ${n} %}`, Next }],
        Default: later[0],
      };
});

const parallel = (depth: number): fc.Arbitrary<Draft> =>
  fc
    .tuple(fc.array(scope(depth - 1), { minLength: 1, maxLength: 3 }), fc.boolean(), fc.boolean())
    .map(([branches, retry, caught]) => (context) => ({
      Type: "Parallel",
      Branches: branches.map((branch, index) => branch(`${context.name}b${index}`, context.language)),
      ...guards(retry, caught, context),
      ...onward(context),
    }));

const map = (depth: number): fc.Arbitrary<Draft> =>
  fc
    .tuple(scope(depth - 1), fc.array(fc.nat(9), { maxLength: 4 }), fc.nat(3), fc.boolean())
    .map(([inner, items, concurrency, caught]) => (context) => ({
      Type: "Map",
      ...(context.language === "JSONata" ? { Items: items } : {}),
      MaxConcurrency: concurrency,
      ItemProcessor: inner(`${context.name}i`, context.language),
      ItemSelector:
        context.language === "JSONPath"
          ? { "n.$": "$$.Map.Item.Index", "in.$": "$" }
          : { n: "{% $states.context.Map.Item.Value %}", i: "{% $states.context.Map.Item.Index %}" },
      ...(context.language === "JSONPath" ? { ItemsPath: "$$.Execution.Input.items" } : {}),
      ...guards(false, caught, context),
      ...onward(context),
    }));

type Scope = (prefix: string, language: Language) => { StartAt: string; States: Record<string, object> };

const scope = (depth: number): fc.Arbitrary<Scope> => {
  const states = [pass, wait, task, choice, ...(depth > 0 ? [parallel(depth), map(depth)] : [])];
  return fc.array(fc.oneof(...states), { minLength: 1, maxLength: 4 }).map((drafts) => (prefix, language) => {
    const names = [...drafts.map((_, index) => `${prefix}s${index}`), `${prefix}end`];
    const made = drafts.map((draft, index) => {
      const name = names[index] ?? "";
      return [name, draft({ name, later: names.slice(index + 1), end: false, language, prefix })] as const;
    });
    const [StartAt = ""] = names;
    return { StartAt, States: reachable(StartAt, Object.fromEntries([...made, [`${prefix}end`, { Type: "Succeed" }]])) };
  });
};

/** AWS refuses states that nothing leads to. */
const reachable = (start: string, states: Record<string, object>): Record<string, object> => {
  const reached = new Set([start]);
  for (const name of reached) {
    const { Branches: _, ItemProcessor: __, ...own } = (states[name] ?? {}) as Record<string, unknown>;
    for (const [, target] of JSON.stringify(own).matchAll(/"(?:Next|Default)":"([^"]+)"/g)) reached.add(target ?? "");
  }
  return Object.fromEntries(Object.entries(states).filter(([name]) => reached.has(name)));
};

export const randomMachine = fc.tuple(scope(2), fc.constantFrom<Language>("JSONPath", "JSONata")).map(([make, language]) => {
  const { StartAt, States } = make("", language);
  return { QueryLanguage: language, StartAt: "begin", States: { begin: { Type: "Pass", Assign: { count: 0 }, Next: StartAt }, ...States } };
});

/** What the tasks of a random machine answer. */
export const answer = (input: unknown) => {
  const { fails, retried } = input as { fails: number; retried: number };
  return retried < fails ? { error: "E", cause: "not yet", afterMs: 500 } : { output: { n: fails }, afterMs: 1000 };
};
