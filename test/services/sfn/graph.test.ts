import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { graphOf } from "#services/sfn/graph/graph-of.ts";
import { nodesOf as nodesIn } from "#services/sfn/graph/graph.ts";
import type { ScopeGraph, StateNode, WorkflowGraph } from "#services/sfn/graph/graph.ts";
import { ruleText } from "#services/sfn/graph/rule-text.ts";
import { Driver, machineOf } from "./driver.ts";
import type { DriverOptions, Outcome } from "./driver.ts";
import { answer, randomMachine } from "./random-machine.ts";

const arn = "arn:aws:states:::sqs:sendMessage";
const otherArn = "arn:aws:states:::sns:publish";

const scopesOf = (scope: ScopeGraph): ScopeGraph[] => [
  scope,
  ...scope.states.flatMap(({ branches = [], processor }) => [...branches, ...(processor ? [processor] : [])].flatMap(scopesOf)),
];
const nodesOf = (graph: WorkflowGraph): StateNode[] => nodesIn(graph.scope);
const node = (graph: WorkflowGraph, name: string): StateNode => {
  const found = nodesOf(graph).find((each) => each.name === name);
  assert.ok(found, name);
  return found;
};
const statuses = (graph: WorkflowGraph) => Object.fromEntries(nodesOf(graph).map(({ name, status }) => [name, status]));
const taken = (graph: WorkflowGraph) =>
  scopesOf(graph.scope).flatMap(({ edges }) =>
    edges.flatMap(({ from, to, kind, taken: times }) => (times > 0 ? [`${from} ${kind} ${to} ${times}`] : [])),
  );

/** The graph of a machine that was run so far: to its end unless it is to be looked at earlier. */
const drawn = async (definition: unknown, options: DriverOptions = {}) => {
  const driver = new Driver(definition, options);
  const outcome = await driver.run();
  const draw = ({ history, execution }: Pick<Outcome, "history" | "execution"> = outcome) =>
    graphOf(machineOf(definition), history, execution);
  return { driver, outcome, graph: draw(), draw };
};

/** The graph as it was after so many events. */
const after = (definition: unknown, { history, execution }: Outcome, count: number) =>
  graphOf(machineOf(definition), history.slice(0, count), { ...execution, status: "RUNNING", threads: {} });

const order = {
  StartAt: "Reserve",
  States: {
    Reserve: {
      Type: "Task",
      Resource: arn,
      Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 1, MaxAttempts: 3 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Refuse" }],
      ResultPath: "$.reserved",
      Next: "InStock",
    },
    InStock: {
      Type: "Choice",
      Choices: [{ Variable: "$.total", NumericGreaterThan: 100, Next: "Pack" }],
      Default: "Refuse",
    },
    Pack: {
      Type: "Parallel",
      Branches: [
        { StartAt: "Box", States: { Box: { Type: "Pass", Next: "Rest" }, Rest: { Type: "Wait", Seconds: 5, End: true } } },
        { StartAt: "Bill", States: { Bill: { Type: "Task", Resource: otherArn, End: true } } },
      ],
      Next: "Ship",
    },
    Ship: {
      Type: "Map",
      ItemsPath: "$[0].items",
      ItemProcessor: { StartAt: "Send", States: { Send: { Type: "Task", Resource: arn, End: true } } },
      End: true,
    },
    Refuse: { Type: "Fail", Error: "Refused", Cause: "no stock" },
  },
};

test("what an execution went through is drawn with its statuses, retries and the ways it took", async () => {
  let busy = 2;
  const tasks: DriverOptions["tasks"] = () => (busy-- > 0 ? { error: "Busy", cause: "later" } : { output: { ok: true } });
  const { graph } = await drawn(order, { input: { total: 101, items: [1, 2, 3] }, tasks });
  assert.deepEqual(statuses(graph), {
    Reserve: "SUCCEEDED",
    InStock: "SUCCEEDED",
    Pack: "SUCCEEDED",
    Box: "SUCCEEDED",
    Rest: "SUCCEEDED",
    Bill: "SUCCEEDED",
    Ship: "SUCCEEDED",
    Send: "SUCCEEDED",
    Refuse: "NOT_REACHED",
  });
  const { retries, error, counts, enteredAt, exitedAt } = node(graph, "Reserve");
  assert.deepEqual([retries, error, counts, (exitedAt ?? 0) - (enteredAt ?? 0)], [2, undefined, { SUCCEEDED: 1 }, 3000]);
  assert.deepEqual([node(graph, "Send").entered, node(graph, "Send").counts], [3, { SUCCEEDED: 3 }]);
  assert.deepEqual(node(graph, "Ship").iterations, { total: 3, running: 0, succeeded: 3, failed: 0, aborted: 0 });
  assert.deepEqual(taken(graph), ["Reserve next InStock 1", "InStock choice Pack 1", "Pack next Ship 1", "Box next Rest 1"]);
  const rule = graph.scope.edges.find(({ from, kind }) => from === "InStock" && kind === "choice");
  assert.deepEqual(rule?.labels, ["$.total > 100"]);
});

test("a failure that is caught, and one that is not, are told apart", async () => {
  const tasks = () => ({ error: "Broken", cause: "for good" });
  const { graph } = await drawn(order, { tasks });
  assert.deepEqual(
    [node(graph, "Reserve").status, node(graph, "Reserve").error, node(graph, "Reserve").cause],
    ["CAUGHT", "Broken", "for good"],
  );
  assert.deepEqual([node(graph, "Refuse").status, node(graph, "Refuse").error], ["FAILED", "Refused"]);
  assert.deepEqual(taken(graph), ["Reserve catch Refuse 1"]);
  assert.deepEqual([graph.execution.status, graph.execution.error], ["FAILED", "Refused"]);
});

test("while it runs, states run, wait, or wait to be tried again", async () => {
  let busy = 1;
  const tasks: DriverOptions["tasks"] = (_, { resource }) =>
    resource.arn === otherArn ? { output: 1, afterMs: 9000 } : busy-- > 0 ? { error: "Busy" } : { output: { ok: true } };
  const { outcome } = await drawn(order, { input: { total: 101, items: [1] }, tasks });
  const until = (type: string) => after(order, outcome, outcome.history.findIndex((event) => event.type === type) + 1);
  assert.equal(statuses(until("TaskFailed"))["Reserve"], "RETRYING");
  const packing = statuses(
    after(
      order,
      outcome,
      outcome.history.findIndex(({ type }) => type === "WaitStateExited"),
    ),
  );
  assert.deepEqual(
    [packing["Pack"], packing["Box"], packing["Rest"], packing["Bill"], packing["Ship"]],
    ["RUNNING", "SUCCEEDED", "WAITING", "RUNNING", "NOT_REACHED"],
  );
});

test("a failing branch fails its Parallel and stops the others; a failing iteration its Map", async () => {
  const both = (states: object) => ({
    StartAt: "Both",
    States: {
      Both: {
        Type: "Parallel",
        End: true,
        Branches: [states, { StartAt: "Slow", States: { Slow: { Type: "Wait", Seconds: 60, End: true } } }],
      },
    },
  });
  const failing = await drawn(both({ StartAt: "Fails", States: { Fails: { Type: "Task", Resource: arn, End: true } } }), {
    tasks: () => ({ error: "E", cause: "c", afterMs: 10 }),
  });
  assert.deepEqual(statuses(failing.graph), { Both: "FAILED", Fails: "FAILED", Slow: "ABORTED" });
  assert.deepEqual([node(failing.graph, "Both").error, node(failing.graph, "Both").cause], ["E", "c"]);
  const each = {
    StartAt: "Each",
    States: {
      Each: { Type: "Map", End: true, ItemProcessor: { StartAt: "Do", States: { Do: { Type: "Task", Resource: arn, End: true } } } },
    },
  };
  const tasks: DriverOptions["tasks"] = (input) =>
    input === 2 ? { error: "E", afterMs: 10 } : { output: 1, afterMs: input === 1 ? 1 : 60 };
  const { graph } = await drawn(each, { input: [1, 2, 3], tasks });
  assert.deepEqual(statuses(graph), { Each: "FAILED", Do: "FAILED" });
  assert.deepEqual(node(graph, "Each").iterations, { total: 3, running: 0, succeeded: 1, failed: 1, aborted: 1 });
  assert.deepEqual(node(graph, "Do").counts, { SUCCEEDED: 1, FAILED: 1, ABORTED: 1 });
});

test("a redrive takes up what failed, and nothing else", async () => {
  const definition = {
    StartAt: "Both",
    States: {
      Both: {
        Type: "Parallel",
        End: true,
        Branches: [
          { StartAt: "First", States: { First: { Type: "Task", Resource: arn, End: true } } },
          {
            StartAt: "Second",
            States: { Second: { Type: "Task", Resource: otherArn, Next: "Third" }, Third: { Type: "Pass", End: true } },
          },
        ],
      },
    },
  };
  let fails = true;
  const tasks: DriverOptions["tasks"] = (_, { resource }) =>
    fails && resource.arn === otherArn ? { error: "E", afterMs: 10 } : { output: 1, afterMs: fails ? 99 : 1 };
  const { driver, graph, draw } = await drawn(definition, { tasks });
  assert.deepEqual(statuses(graph), { Both: "FAILED", First: "ABORTED", Second: "FAILED", Third: "NOT_REACHED" });
  fails = false;
  const outcome = await driver.redrive();
  assert.equal(outcome.execution.status, "SUCCEEDED");
  const redriven = outcome.history.findIndex(({ type }) => type === "ExecutionRedriven") + 1;
  assert.deepEqual(statuses(after(definition, outcome, redriven)), {
    Both: "RUNNING",
    First: "RUNNING",
    Second: "RUNNING",
    Third: "NOT_REACHED",
  });
  const ended = draw(outcome);
  assert.deepEqual(statuses(ended), { Both: "SUCCEEDED", First: "SUCCEEDED", Second: "SUCCEEDED", Third: "SUCCEEDED" });
  assert.deepEqual(node(ended, "First").entered, 1);
  assert.deepEqual(taken(ended), ["Second next Third 1"]);
});

test("a distributed Map shows its map run, a callback that it waits", async () => {
  const distributed = {
    StartAt: "Do",
    States: { Do: { Type: "Pass", End: true } },
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
  };
  const mapRuns: DriverOptions["mapRuns"] = ({ key }) => [
    { kind: "mapRunStarted", key, mapRunArn: "arn:run" },
    { kind: "mapRunFailed", key, error: "E" },
  ];
  const { graph } = await drawn(
    { StartAt: "All", States: { All: { Type: "Map", ItemProcessor: distributed, End: true } } },
    { input: [1], mapRuns },
  );
  const { status, error, mapRunArn, processor, iterations } = node(graph, "All");
  assert.deepEqual(
    [status, error, mapRunArn, processor?.states[0]?.status, iterations],
    ["FAILED", "E", "arn:run", "NOT_REACHED", undefined],
  );
  const callback = { StartAt: "Ask", States: { Ask: { Type: "Task", Resource: `${arn}.waitForTaskToken`, End: true } } };
  const { outcome } = await drawn(callback, { tasks: () => ({ output: 1, submitted: {}, afterMs: 5 }) });
  assert.equal(statuses(after(callback, outcome, outcome.history.findIndex(({ type }) => type === "TaskSubmitted") + 1))["Ask"], "WAITING");
});

test("conditions are told in short", () => {
  const path = (name: string) => ({ Variable: name });
  const choices = [
    {
      And: [
        { ...path("$.a"), IsPresent: true },
        { Not: { ...path("$.b"), StringEquals: "x" } },
        {
          Or: [
            { ...path("$.c"), NumericLessThanEqualsPath: "$.d" },
            { ...path("$.e"), IsNull: false },
          ],
        },
      ],
      Next: "End",
    },
    { ...path("$.f"), StringMatches: "log-*", Next: "End" },
  ];
  const { scopes } = machineOf({ StartAt: "C", States: { C: { Type: "Choice", Choices: choices }, End: { Type: "Succeed" } } });
  const state = scopes[0]?.states.get("C");
  assert.deepEqual(state?.type === "Choice" ? state.rules.map(({ condition }) => ruleText(condition)) : [], [
    '$.a is present and not $.b = "x" and ($.c <= $.d or $.e is not null)',
    '$.f matches "log-*"',
  ]);
});

const live = new Set(["RUNNING", "WAITING", "RETRYING"]);

/** What must hold of any graph, whatever was run and however far. */
const check = (definition: unknown, outcome: Outcome, count: number): void => {
  const isWhole = count >= outcome.history.length;
  const graph = isWhole ? graphOf(machineOf(definition), outcome.history, outcome.execution) : after(definition, outcome, count);
  const told = outcome.history.slice(0, count);
  const enteredByName = Map.groupBy(
    told.flatMap(({ stateEnteredEventDetails: details }) => (details ? [details.name] : [])),
    (name) => name,
  );
  const nodes = nodesOf(graph);
  for (const each of nodes) {
    const entered = enteredByName.get(each.name)?.length ?? 0;
    assert.equal(each.entered, entered, each.name);
    assert.equal(each.status === "NOT_REACHED", entered === 0, `${each.name} is ${each.status}`);
    assert.equal(each.enteredAt !== undefined, entered > 0);
    assert.equal(each.exitedAt === undefined, entered === 0 || live.has(each.status), `${each.name} is ${each.status}`);
  }
  const takenTo = (name: string) =>
    scopesOf(graph.scope)
      .flatMap(({ edges }) => edges)
      .reduce((sum, { to, taken: times }) => sum + (to === name ? times : 0), 0);
  for (const { startAt, states } of scopesOf(graph.scope))
    for (const { name, entered } of states) if (name !== startAt) assert.equal(takenTo(name), entered, `ways to ${name}`);
  const root = graph.scope.states.map(({ status }) => status);
  if (!isWhole) return;
  assert.ok(!nodes.some(({ status }) => live.has(status)), JSON.stringify(statuses(graph)));
  if (outcome.execution.status === "SUCCEEDED")
    assert.ok(!root.some((status) => status === "FAILED" || status === "ABORTED"), JSON.stringify(statuses(graph)));
  if (outcome.execution.status === "FAILED")
    assert.equal(root.filter((status) => status === "FAILED").length, 1, JSON.stringify(statuses(graph)));
};

test("any history, as far as it has come, gives a graph that agrees with it", async () => {
  const stops = fc.option(fc.nat(20_000), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(randomMachine, fc.array(fc.nat(9), { maxLength: 4 }), fc.nat(), stops, async (definition, items, cut, stopMs) => {
      const at = stopMs === undefined ? [] : [{ ms: stopMs, occurrence: { kind: "stop" } as const }];
      const driver = new Driver(definition, { input: { n: 1, items }, tasks: answer, at });
      const outcome = await driver.run();
      check(definition, outcome, outcome.history.length);
      check(definition, outcome, cut % outcome.history.length);
      if (outcome.execution.status === "SUCCEEDED") return;
      const again = await driver.redrive();
      check(definition, again, again.history.length);
      check(definition, again, cut % again.history.length);
    }),
    { numRuns: 150 },
  );
});
