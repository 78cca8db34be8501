import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ContainerStatus, TaskStatus } from "#engine/engine.ts";
import type { TaskRecord } from "#services/ecs/ecs.ts";
import { isFargateSize, parseCpu, parseMemory } from "#services/ecs/fargate.ts";
import { parseOwnImage } from "#services/ecs/image-names.ts";
import { othersShare, remaining, shortageOf } from "#services/ecs/placement.ts";
import { planTask } from "#services/ecs/plan-task.ts";
import type { ImagesSeen, Step } from "#services/ecs/plan-task.ts";
import { isBefore, later } from "#services/ecs/task-states.ts";

type Plan = { essential: boolean; exitsAt: number | undefined };

const record = (containers: readonly Plan[]): TaskRecord => ({
  id: "t",
  account: "000000000000",
  region: "us-east-1",
  cluster: "default",
  group: "family:test",
  startedBy: undefined,
  launchType: "FARGATE",
  createdAt: 0,
  stoppedAt: undefined,
  lastStatus: "PROVISIONING",
  desiredStatus: "RUNNING",
  stop: undefined,
  isPlaced: false,
  version: 1,
  tags: [],
  wanted: {
    definition: { containerDefinitions: containers.map(({ essential }, index) => ({ name: `c${index}`, image: "x", essential })) },
    overrides: {},
    need: { cpuUnits: 1, memoryBytes: 1 },
    subnets: [],
    securityGroups: [],
    enableExecuteCommand: false,
    platformVersion: undefined,
    capacityProvider: undefined,
    attachmentId: "",
    credentialsId: "",
    metadataId: "",
  },
  observed: { containers: [], address: undefined, ports: [], waitingReason: undefined },
});

/** A cloud with one task, its engine, and a clock that counts looks; it may lose its memory or, with `vanishAt`, its containers. */
class World {
  task: TaskRecord;
  status: TaskStatus | undefined;
  images: ImagesSeen = { kind: "unknown" };
  now = 0;
  readonly #plans: readonly Plan[];
  readonly #isPullable: boolean;

  constructor(plans: readonly Plan[], isPullable: boolean) {
    this.#plans = plans;
    this.#isPullable = isPullable;
    this.task = record(plans);
  }

  look(): Step {
    this.now += 1;
    if (this.images.kind === "pulling")
      this.images = this.#isPullable
        ? { kind: "ready", pullStartedAt: this.now, pullStoppedAt: this.now }
        : { kind: "failed", reason: "CannotPullContainerError: no" };
    if (this.task.lastStatus === "ACTIVATING" && !this.task.stop) this.#start();
    this.#exit((exitsAt) => exitsAt !== undefined && exitsAt <= this.now);
    const isEarly = isBefore(this.task.lastStatus, "ACTIVATING");
    const step = planTask(this.task, { status: isEarly ? undefined : this.status, images: this.images, now: this.now });
    this.#apply(step);
    return step;
  }

  stop(): void {
    this.#end({ code: "UserInitiated", reason: "enough", at: this.now });
  }

  #start(): void {
    this.status ??= {
      id: "t",
      kind: "ecs-task",
      labels: {},
      address: "10.0.0.1",
      ports: [],
      containers: this.#plans.map((_, index): ContainerStatus => ({
        name: `c${index}`,
        runtimeId: `r${index}`,
        state: "running",
        health: "none",
        startedAt: this.now,
      })),
    };
  }

  #exit(isDue: (exitsAt: number | undefined) => boolean): void {
    if (!this.status) return;
    const containers = this.status.containers.map((each, index): ContainerStatus =>
      each.state === "running" && isDue(this.#plans[index]?.exitsAt)
        ? { ...each, state: "exited", exitCode: 0, finishedAt: this.now }
        : each,
    );
    this.status = { ...this.status, containers };
  }

  #end(stop: NonNullable<TaskRecord["stop"]>): void {
    if (!this.task.stop) this.task = { ...this.task, stop, desiredStatus: "STOPPED" };
  }

  #apply(step: Step): void {
    const observed = "observed" in step ? step.observed : undefined;
    if (observed) this.task = { ...this.task, observed: { ...this.task.observed, ...observed } };
    if (step.kind === "reserve") this.task = { ...this.task, isPlaced: true, lastStatus: "PENDING" };
    if (step.kind === "pull") this.images = { kind: "pulling" };
    if (step.kind === "advance") {
      assert.ok(isBefore(this.task.lastStatus, step.to), `${this.task.lastStatus} to ${step.to}`);
      this.task = { ...this.task, lastStatus: step.to };
    }
    if (step.kind === "end") this.#end({ ...step.stop, at: this.now });
    if (step.kind === "stop") this.#exit(() => true);
    if (step.kind === "remove") {
      this.status = undefined;
      this.task = { ...this.task, lastStatus: "STOPPED" };
    }
  }
}

const plans = fc.array(fc.record({ essential: fc.boolean(), exitsAt: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }) }), {
  minLength: 1,
  maxLength: 4,
});
const moment = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });

test("whatever happens and when, a task comes to rest, running or stopped, and nothing more is then to be done", () => {
  fc.assert(
    fc.property(plans, fc.boolean(), moment, moment, moment, (containers, isPullable, stopAt, forgetAt, vanishAt) => {
      const some = containers.map((each, index) => (index === 0 ? { ...each, essential: true } : each));
      const world = new World(some, isPullable);
      const seen: Step[] = [];
      for (let looks = 0; looks < 120; looks += 1) {
        if (looks === stopAt) world.stop();
        if (looks === forgetAt) world.images = { kind: "unknown" };
        if (looks === vanishAt) world.status = undefined;
        seen.push(world.look());
      }
      assert.deepEqual(
        seen.slice(-5),
        Array.from({ length: 5 }, () => ({ kind: "wait" })),
      );
      const isOver = world.task.lastStatus === "STOPPED";
      assert.ok(isOver || world.task.lastStatus === "RUNNING", world.task.lastStatus);
      if (isOver) assert.equal(world.status, undefined);
      if (isOver) assert.ok(world.task.stop);
      if (stopAt !== undefined) assert.ok(isOver);
      if (!isOver) assert.ok(world.status?.containers.some(({ state }) => state === "running"));
      assert.ok(seen.filter(({ kind }) => kind === "stop").length <= 1);
    }),
    { numRuns: 500 },
  );
});

test("states never go back", () => {
  assert.equal(later("RUNNING", "PENDING"), "RUNNING");
  assert.equal(later("PENDING", "STOPPED"), "STOPPED");
});

const amounts = fc.record({ cpuUnits: fc.nat(8192), memoryBytes: fc.nat(8192) });

test("what is placed never exceeds what there is, and what others hold is never counted twice", () => {
  fc.assert(
    fc.property(amounts, amounts, fc.array(amounts, { maxLength: 30 }), (total, engineReserved, wishes) => {
      const others = othersShare(engineReserved, { cpuUnits: 0, memoryBytes: 0 });
      const room = { ...total, othersCpuUnits: others.cpuUnits, othersMemoryBytes: others.memoryBytes };
      let placed = { cpuUnits: 0, memoryBytes: 0 };
      for (const need of wishes) {
        if (shortageOf(need, placed, room) !== undefined) continue;
        placed = { cpuUnits: placed.cpuUnits + need.cpuUnits, memoryBytes: placed.memoryBytes + need.memoryBytes };
        assert.ok(placed.cpuUnits + others.cpuUnits <= total.cpuUnits);
        assert.ok(placed.memoryBytes + others.memoryBytes <= total.memoryBytes);
        const left = remaining(placed, room);
        assert.equal(shortageOf(left, placed, room), undefined);
      }
    }),
  );
});

test("Fargate's sizes are those of AWS's table", () => {
  assert.deepEqual(
    [512, 1024, 2048, 3072].map((memory) => isFargateSize(256, memory)),
    [true, true, true, false],
  );
  assert.equal(isFargateSize(8192, 20_480), true);
  assert.equal(isFargateSize(8192, 21_504), false);
  assert.equal(isFargateSize(16_384, 122_880), true);
  assert.deepEqual([parseCpu("256"), parseCpu(".5 vCPU"), parseCpu("much")], [256, 512, undefined]);
  assert.deepEqual([parseMemory("512"), parseMemory("2 GB"), parseMemory("2 TB")], [512, 2048, undefined]);
});

test("images of our own registry are known by every name they have", () => {
  const home = { account: "000000000000", region: "us-east-1", port: "4566" };
  const app = { account: "111122223333", region: "eu-west-1", repository: "team/app", tag: "1" };
  const names = [
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1",
    "111122223333.dkr.ecr.eu-west-1.localhost:4566/team/app:1",
    "localhost:4566/111122223333.dkr.ecr.eu-west-1/team/app:1",
  ];
  for (const name of names) assert.deepEqual(parseOwnImage(name, home), app);
  assert.deepEqual(parseOwnImage("localhost:4566/app@sha256:ab", home), {
    account: "000000000000",
    region: "us-east-1",
    repository: "app",
    digest: "sha256:ab",
  });
  for (const name of ["debian:bookworm-slim", "localhost:5000/app", "docker.io/library/nginx"])
    assert.equal(parseOwnImage(name, home), undefined);
});
