import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { planConvergence, planRemoval } from "#services/cloudformation/plan-deployment.ts";
import type { Instance, Step } from "#services/cloudformation/plan-deployment.ts";

type Edges = Map<string, Set<string>>;

/** Graphs without circles: a node needs only nodes before it. */
const graphs = fc
  .array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 12 })
  .map(
    (rows): Edges =>
      new Map(rows.map((needs, index) => [`R${index}`, new Set(needs.filter((need) => need < index).map((need) => `R${need}`))])),
  );

/** Carries out a plan step by step, in any order and with crashes in between, as the loop does. */
const settle = (wanted: Edges, instances: Instance[], { phase, fails }: { phase: string; fails: (logicalId: string) => boolean }) => {
  const order: string[] = [];
  for (let rounds = 0; ; rounds++) {
    assert.ok(rounds < 200, "the plan comes to an end");
    const plan = planConvergence(wanted, instances, { phase });
    if (plan.isFinished) return { order, plan };
    const steps = plan.steps.filter((step): step is Extract<Step, { do: "settle" }> => step.do === "settle");
    for (const { logicalId } of steps.slice(0, 1 + (rounds % 3))) {
      order.push(logicalId);
      const known = instances.find((instance) => instance.logicalId === logicalId);
      const instance: Instance = known ?? {
        slot: instances.length,
        logicalId,
        role: "current",
        standing: "IN_PROGRESS",
        phase: "",
        needs: [],
      };
      if (known === undefined) instances.push(instance);
      Object.assign(instance, { phase, standing: fails(logicalId) ? "FAILED" : "COMPLETE", needs: [...(wanted.get(logicalId) ?? [])] });
    }
  }
};

describe("the plan of a deployment", () => {
  test("settles every resource once, after what it needs, and then is silent", () => {
    fc.assert(
      fc.property(graphs, (wanted) => {
        const instances: Instance[] = [];
        const { order } = settle(wanted, instances, { phase: "one", fails: () => false });
        assert.deepEqual(order.toSorted(), [...wanted.keys()].toSorted());
        for (const [name, needs] of wanted) for (const need of needs) assert.ok(order.indexOf(need) < order.indexOf(name));
        assert.deepEqual(planConvergence(wanted, instances, { phase: "one" }), { steps: [], failed: [], isFinished: true });
        assert.equal(planConvergence(wanted, instances, { phase: "two" }).isFinished, wanted.size === 0);
      }),
    );
  });

  test("begins nothing that needs what failed, and names what failed", () => {
    fc.assert(
      fc.property(graphs, fc.nat(11), (wanted, bad) => {
        const failing = `R${bad}`;
        const { order, plan } = settle(wanted, [], { phase: "one", fails: (name) => name === failing });
        assert.deepEqual(plan.failed, wanted.has(failing) ? [failing] : []);
        for (const [name, needs] of wanted) if (needs.has(failing)) assert.ok(!order.includes(name));
      }),
    );
  });

  test("after a failure goes on only with what had begun", () => {
    const wanted: Edges = new Map(["A", "B", "C"].map((name) => [name, new Set()]));
    const instance = (logicalId: string, standing: Instance["standing"]): Instance => ({
      slot: 1,
      logicalId,
      role: "current",
      standing,
      phase: "one",
      needs: [],
    });
    const plan = planConvergence(wanted, [instance("A", "FAILED"), instance("B", "IN_PROGRESS")], { phase: "one" });
    assert.deepEqual(plan.steps, [{ do: "settle", logicalId: "B" }]);
  });

  test("removes every instance, none before what needs it", () => {
    fc.assert(
      fc.property(graphs, (wanted) => {
        let left: Instance[] = [...wanted].map(([logicalId, needs], slot) => ({
          slot,
          logicalId,
          role: "leaving",
          standing: "COMPLETE",
          phase: "",
          needs: [...needs],
        }));
        const order: string[] = [];
        for (let plan = planRemoval(left, "out"); !plan.isFinished; plan = planRemoval(left, "out")) {
          const [step] = plan.steps;
          assert.ok(step?.do === "remove");
          order.push(left.find(({ slot }) => slot === step.slot)?.logicalId ?? "");
          left = left.filter(({ slot }) => slot !== step.slot);
        }
        assert.deepEqual(left, []);
        for (const [name, needs] of wanted) for (const need of needs) assert.ok(order.indexOf(name) < order.indexOf(need));
      }),
    );
  });

  test("keeps what is needed by what could not be removed", () => {
    const instance = (logicalId: string, needs: string[], more: Partial<Instance>): Instance => ({
      slot: logicalId.charCodeAt(0),
      logicalId,
      role: "leaving",
      standing: "COMPLETE",
      phase: "",
      needs,
      ...more,
    });
    const plan = planRemoval([instance("A", [], {}), instance("B", ["A"], { phase: "out", standing: "FAILED" })], "out");
    assert.deepEqual(plan, { steps: [], failed: ["B"], isFinished: true });
  });

  test("gets out of a circle that instances of different templates make", () => {
    const instance = (logicalId: string, needs: string[]): Instance => ({
      slot: logicalId.charCodeAt(0),
      logicalId,
      role: "leaving",
      standing: "COMPLETE",
      phase: "",
      needs,
    });
    assert.equal(planRemoval([instance("A", ["B"]), instance("B", ["A"])], "out").steps.length, 2);
  });
});
