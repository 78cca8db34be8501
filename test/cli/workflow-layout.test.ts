import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { drawWorkflow } from "#cli/workflows/draw.ts";
import { changesBetween } from "#cli/workflows/follow-execution.ts";
import type { Edge, ScopeGraph, StateNode, WorkflowGraph } from "#cli/workflows/graph.ts";
import { orderStates } from "#cli/workflows/order-states.ts";
import { duration } from "#cli/workflows/state-lines.ts";
import { clip, printable, widthOf, wrap } from "#cli/workflows/text.ts";

const now = Date.parse("2026-01-01T00:00:10Z");
const began = now - 10_000;

const state = (name: string, type = "Pass", more: Partial<StateNode> = {}): StateNode => ({
  name,
  type,
  status: "SUCCEEDED",
  entered: 1,
  retries: 0,
  enteredAt: began,
  exitedAt: began + 1500,
  ...more,
});
const unreached = (name: string, type = "Pass"): StateNode => ({ name, type, status: "NOT_REACHED", entered: 0, retries: 0 });
const edge = (from: string, to: string, more: Partial<Edge> = {}): Edge => ({ from, to, kind: "next", labels: [], taken: 1, ...more });
const scope = (states: StateNode[], edges: Edge[] = []): ScopeGraph => ({ path: "", startAt: states[0]?.name ?? "", states, edges });

const graph = (root: ScopeGraph, more: Partial<WorkflowGraph["execution"]> = {}): WorkflowGraph => ({
  execution: {
    executionArn: "arn",
    stateMachineArn: "arn",
    stateMachine: "shop",
    name: "one",
    status: "RUNNING",
    startedAt: began,
    redriveCount: 0,
    ...more,
  },
  scope: root,
});

const plain = { columns: 80, paint: (_: string, text: string) => text };
const draw = (root: ScopeGraph, columns = 80, data: "brief" | "whole" = "brief") =>
  drawWorkflow(graph(root), { ...plain, columns }, { now, data })
    .split("\n")
    .slice(2);

test("states stand below those that lead to them, with the ways that are not simply on", () => {
  const states = [
    state("Refuse", "Fail", { status: "FAILED", error: "Refused", cause: "no stock" }),
    state("Choose", "Choice"),
    unreached("Pack"),
    unreached("Ship"),
  ];
  const edges = [
    edge("Choose", "Pack", { kind: "choice", labels: ["$.n > 1"], taken: 0 }),
    edge("Choose", "Refuse", { kind: "default" }),
    edge("Pack", "Ship", { taken: 0 }),
    edge("Ship", "Choose", { taken: 0 }),
  ];
  assert.deepEqual(draw({ ...scope(states, edges), startAt: "Choose" }), [
    "✓ Choose  Choice   1.50 s",
    "├╌ $.n > 1 ╌▷ Pack",
    "├─ otherwise ─▶ Refuse",
    "│",
    "○ Pack    Pass",
    "│",
    "○ Ship    Pass",
    "└╌╌▷ Choose ↑",
    "",
    "✗ Refuse  Fail     1.50 s  failed",
    "  err Refused: no stock",
  ]);
});

test("branches stand side by side where they fit, else one below the other; iterations are counted", () => {
  const waiting = { status: "WAITING", exitedAt: undefined, until: now + 2000, entered: 3 } as unknown as Partial<StateNode>;
  const both = state("Both", "Parallel", { branches: [scope([state("A")]), scope([state("B"), state("C")], [edge("B", "C")])] });
  const each = state("Each", "Map", {
    iterations: { total: 5, running: 1, succeeded: 2, failed: 0, aborted: 0 },
    processor: scope([state("D", "Wait", waiting)]),
  });
  const root = scope([both, each], [edge("Both", "Each")]);
  assert.deepEqual(draw(root), [
    "✓ Both  Parallel   1.50 s",
    "│ ┌─ branch 1 ─────────────────────────┐ ┌─ branch 2 ─────────────────────────┐",
    "│ │ ✓ A  Pass   1.50 s                 │ │ ✓ B  Pass   1.50 s                 │",
    "│ └────────────────────────────────────┘ │ │                                  │",
    "│                                        │ ✓ C  Pass   1.50 s                 │",
    "│                                        └────────────────────────────────────┘",
    "│",
    "✓ Each  Map        1.50 s",
    "  ┌─ 5 items  ✓ 2  ● 1  ○ 2 ───────────────────────────────────────────┐",
    "  │ ◔ D  Wait   10.0 s  waiting for 2.00 s more  ×3                    │",
    "  └────────────────────────────────────────────────────────────────────┘",
  ]);
  assert.deepEqual(
    draw(root, 40).filter((line) => line.includes("branch")),
    ["│ ┌─ branch 1 ─────────────────────────┐", "│ ┌─ branch 2 ─────────────────────────┐"],
  );
});

test("inputs and outputs take a line, or with --io as many as they need", () => {
  const long = JSON.stringify({ text: "x".repeat(100) });
  const root = scope([state("A", "Task", { input: "{}", output: long, resource: "arn:aws:states:::sqs:sendMessage", retries: 1 })]);
  assert.deepEqual(draw(root, 40), ["✓ A  Task   1.50 s  1 retry  sqs:sendMe…", `  out {"text":"${"x".repeat(24)}…`]);
  const whole = draw(root, 40, "whole").slice(1);
  assert.equal(whole[0], "  in  {}");
  assert.equal(
    whole
      .slice(1)
      .map((line) => line.slice(6))
      .join(""),
    long,
  );
});

test("nothing that a machine's author wrote moves the cursor or leaves the columns", () => {
  assert.equal(printable("a\u001b[2Jb\u202e\n"), "a\ufffd[2Jb\ufffd\ufffd");
  assert.equal(clip("日本語テキスト", 7), "日本語…");
  assert.equal(clip("exactly", 7), "exactly");
  assert.deepEqual(wrap("日本語", 4), ["日本", "語"]);
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  const tree = fc.letrec<{ scope: ScopeGraph; state: StateNode }>((tie) => ({
    scope: fc.array(tie("state"), { maxLength: 4 }).map((states) => {
      const named = states.map((each, index) => ({ ...each, name: `${index} ${each.name}` }));
      return scope(
        named,
        named.slice(1).map(({ name }, index) => edge(named[index]?.name ?? "", name, { kind: "choice", labels: [name] })),
      );
    }),
    state: fc.oneof(
      { maxDepth: 4 },
      fc
        .record({ name: text, cause: text, input: text, output: text })
        .map(({ name, ...rest }) => state(name, "Task", { ...rest, error: "E" })),
      fc.tuple(text, fc.array(tie("scope"), { maxLength: 3 })).map(([name, branches]) => state(name, "Parallel", { branches })),
      fc.tuple(text, tie("scope")).map(([name, processor]) => state(name, "Map", { processor })),
    ),
  }));
  fc.assert(
    fc.property(
      tree.scope,
      fc.integer({ min: 60, max: 130 }),
      fc.constantFrom("brief" as const, "whole" as const),
      (root, columns, data) => {
        for (const line of draw(root, columns, data)) {
          assert.ok(widthOf(line) <= columns, line);
          assert.equal(printable(line), line);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("chains of many thousand states are ordered", () => {
  const states = Array.from({ length: 15_000 }, (_, index) => unreached(String(index)));
  const edges = states.slice(1).map(({ name }, index) => edge(String(index), name));
  const order = orderStates(scope(states.toReversed(), edges));
  assert.equal(order.length, states.length);
  assert.equal(orderStates({ ...scope(states.toReversed(), edges), startAt: "0" })[14_999]?.name, "14999");
});

test("durations read well", () => {
  assert.deepEqual([0, 999, 1250, 61_000, 3_600_000, 90_061_000].map(duration), [
    "0 ms",
    "999 ms",
    "1.25 s",
    "1 min 1 s",
    "1 h",
    "1 d 1 h",
  ]);
});

test("what has changed between two looks is told in the order in which it came", () => {
  const before = graph(scope([state("A", "Task", { status: "RUNNING" }), unreached("B")]));
  const after = graph(scope([state("A", "Task"), state("B", "Wait", { status: "WAITING", enteredAt: began + 1500 })]));
  assert.deepEqual(
    changesBetween(before, after).map(({ name, status }) => `${name} ${status}`),
    ["A SUCCEEDED", "B WAITING"],
  );
  assert.deepEqual(changesBetween(after, after), []);
});
