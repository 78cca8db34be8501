import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ContainerSpec, ContainerStatus } from "#engine/engine.ts";
import { planStart, stopOrder } from "#engine/plan-start.ts";

const conditions = ["START", "COMPLETE", "SUCCESS", "HEALTHY"] as const;

/** Containers that depend on earlier ones only, in any order of mention. */
const taskOf = fc
  .array(fc.array(fc.record({ back: fc.nat(9), condition: fc.constantFrom(...conditions) }), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  })
  .chain((wishes) => {
    const containers = wishes.map((wish, index): ContainerSpec => ({
      name: `c${index}`,
      image: "any",
      essential: true,
      dependsOn: wish.filter(({ back }) => back < index).map(({ back, condition }) => ({ container: `c${back}`, condition })),
    }));
    return fc.shuffledSubarray(containers, { minLength: containers.length }).map((shuffled) => ({ containers: shuffled }));
  });

const started = (one: ContainerStatus | undefined): boolean => one !== undefined && one.state !== "waiting";

/** Whether what is seen of a dependency allows a dependent to start, said again from the words of ECS's documentation. */
const allows = (one: ContainerStatus | undefined, condition: (typeof conditions)[number]): boolean => {
  if (!one || !started(one)) return false;
  if (condition === "START") return true;
  if (condition === "HEALTHY") return one.state === "running" && one.health === "healthy";
  return one.state === "exited" && (condition === "COMPLETE" || one.exitCode === 0);
};

test("containers start only after what they depend on, every one is started or told why never, and then the plan is silent", () => {
  fc.assert(
    fc.property(taskOf, fc.infiniteStream(fc.nat(3)), (task, fates) => {
      const seen = new Map<string, ContainerStatus>();
      const settle = (): void => {
        for (let steps = planStart(task, [...seen.values()]); steps.length > 0; steps = planStart(task, [...seen.values()])) {
          for (const { kind, container } of steps) {
            assert.ok(!started(seen.get(container.name)), "started twice");
            const status = { name: container.name, runtimeId: "", health: "starting" as const };
            if (kind === "never") seen.set(container.name, { ...status, state: "waiting", reason: "never" });
            else {
              for (const { container: other, condition } of container.dependsOn ?? []) assert.ok(allows(seen.get(other), condition));
              seen.set(container.name, { ...status, state: "running" });
            }
          }
        }
      };
      for (let turn = 0; turn < 3 * task.containers.length; turn += 1) {
        settle();
        assert.deepEqual(planStart(task, [...seen.values()]), []);
        for (const [name, status] of seen) {
          if (status.state !== "running") continue;
          const fate = fates.next().value ?? 0;
          if (fate === 0) seen.set(name, { ...status, state: "exited", exitCode: 0 });
          if (fate === 1) seen.set(name, { ...status, state: "exited", exitCode: 1 });
          if (fate === 2) seen.set(name, { ...status, health: "healthy" });
        }
      }
      for (const [name, status] of seen) if (status.state === "running") seen.set(name, { ...status, state: "exited", exitCode: 0 });
      for (let turn = 0; turn < task.containers.length; turn += 1) {
        settle();
        for (const [name, status] of seen) if (status.state === "running") seen.set(name, { ...status, state: "exited", exitCode: 0 });
      }
      settle();
      assert.equal(seen.size, task.containers.length, "one was neither started nor given up");
    }),
  );
});

test("stopping takes every container once, and none before what depends on it", () => {
  fc.assert(
    fc.property(taskOf, ({ containers }) => {
      const groups = stopOrder(
        containers.map(({ name, dependsOn }) => ({ name, dependsOn: (dependsOn ?? []).map((one) => one.container) })),
      );
      assert.deepEqual(groups.flat().toSorted(), containers.map(({ name }) => name).toSorted());
      const turnOf = (name: string): number => groups.findIndex((group) => group.includes(name));
      for (const { name, dependsOn } of containers)
        for (const { container } of dependsOn ?? []) assert.ok(turnOf(name) < turnOf(container));
    }),
  );
});

test("containers that depend on each other in a circle are stopped all the same", () => {
  const circle = [
    { name: "a", dependsOn: ["b"] },
    { name: "b", dependsOn: ["a"] },
  ];
  assert.deepEqual(stopOrder(circle), [["a", "b"]]);
});
