import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EngineError, type ContainerSpec, type Engine, type TaskSpec, type TaskStatus } from "#engine/engine.ts";

/** What a container of a test does, one step after the other; it exits with 0 when the steps are over. */
export type Step =
  | { print: string }
  | { complain: string }
  | { sleepSeconds: number }
  | { exit: number }
  /** Runs until SIGTERM, and exits with 0 then. */
  | "untilAsked"
  /** Runs on whatever it is asked. */
  | "stubbornly"
  /** Takes more memory than it may. */
  | "exhaustMemory";

/** An engine under test, and how a container of it is made to do as told. */
export type Subject = {
  /** A new engine for the cloud, as after a restart. */
  open(cloudId: string): Promise<Engine>;
  container(name: string, steps: readonly Step[]): ContainerSpec;
  missingImage: string;
};

const deadlineMs = 30_000;

export const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain until ${what}`);
};

const hasCode = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;

type Fixture = {
  engine: Engine;
  task: (containers: readonly ContainerSpec[], more?: Partial<TaskSpec>) => TaskSpec;
  subject: Subject;
  cloudId: string;
};

export const ended = (engine: Engine, task: TaskSpec): Promise<TaskStatus> =>
  until(`${task.id} has ended`, async () => {
    const status = await engine.inspect(task.id);
    return status?.containers.every((container) => container.state === "exited") ? status : undefined;
  });

const collect = async (engine: Engine, task: TaskSpec, container: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of engine.logs(task.id, container, { follow: true })) lines.push(`${line.stream}: ${line.text}`);
  return lines;
};

/** The tests that every engine passes. */
export const testEngine = async (name: string, subject: Subject): Promise<void> => {
  const cloudId = `test${process.pid}${Math.floor(performance.now())}`;
  const engine = await subject.open(cloudId);
  let count = 0;
  const task: Fixture["task"] = (containers, more) => {
    count += 1;
    return { id: `task-${count}`, kind: "test", labels: { owner: "contract" }, network: "sandbox", containers, ...more };
  };
  after(async () => {
    for (const status of await engine.list()) await engine.remove(status.id);
    await engine.close();
  });
  const fixture = { engine, task, subject, cloudId };
  testLife(name, fixture);
  testOrder(name, fixture);
  testOutput(name, fixture);
  testControl(name, fixture);
};

const testLife = (name: string, { engine, task, subject, cloudId }: Fixture): void => {
  const { container } = subject;

  test(`${name}: a task runs, ends and keeps its exit code until it is removed`, async () => {
    const spec = task([container("main", [{ sleepSeconds: 0.3 }, { exit: 3 }])]);
    const started = await engine.run(spec);
    assert.deepEqual([started.id, started.kind, started.labels], [spec.id, "test", { owner: "contract" }]);
    assert.equal(started.containers[0]?.state, "running");
    assert.ok(started.containers[0]?.startedAt);
    const [main] = (await ended(engine, spec)).containers;
    assert.equal(main?.exitCode, 3);
    assert.ok((main?.finishedAt ?? 0) >= (main?.startedAt ?? 0));
    await engine.remove(spec.id);
    assert.equal(await engine.inspect(spec.id), undefined);
    await engine.remove(spec.id);
  });

  test(`${name}: run leaves a running and an ended task alone`, async () => {
    const spec = task([container("main", ["untilAsked"])]);
    const first = await engine.run(spec);
    const second = await engine.run(spec);
    assert.deepEqual(second, first);
    await engine.stop(spec.id, { seconds: 5 });
    const third = await engine.run(spec);
    assert.equal(third.containers[0]?.state, "exited");
    assert.equal(third.containers[0]?.runtimeId, first.containers[0]?.runtimeId);
    await engine.remove(spec.id);
  });

  test(`${name}: a missing image is refused by name and leaves no task`, async () => {
    const spec = task([{ ...container("main", []), image: subject.missingImage }]);
    await assert.rejects(engine.run(spec), hasCode("ImageNotFound"));
    await engine.remove(spec.id);
    assert.equal(await engine.inspect(spec.id), undefined);
    assert.equal(await engine.images.find(subject.missingImage), undefined);
  });

  test(`${name}: an engine opened again finds the tasks with all that was said of them`, async () => {
    const spec = task(
      [container("main", ["untilAsked"]), { ...container("later", []), dependsOn: [{ container: "main", condition: "SUCCESS" }] }],
      {
        kind: "function",
        limits: { cpuUnits: 256, memoryBytes: 64 * 1024 * 1024 },
      },
    );
    const before = await engine.run(spec);
    const again = await subject.open(cloudId);
    const found = (await again.list()).find((one) => one.id === spec.id);
    assert.deepEqual(found, before);
    assert.deepEqual(
      found?.containers.map((one) => [one.name, one.state]),
      [
        ["main", "running"],
        ["later", "waiting"],
      ],
    );
    const { reservedCpuUnits, reservedMemoryBytes } = await again.capacity();
    assert.ok(reservedCpuUnits >= 256 && reservedMemoryBytes >= 64 * 1024 * 1024);
    await again.remove(spec.id);
    assert.equal(await engine.inspect(spec.id), undefined);
    await again.close();
  });

  test(`${name}: the tasks of another cloud are not seen`, async () => {
    const spec = task([container("main", ["untilAsked"])]);
    await engine.run(spec);
    const other = await subject.open(`${cloudId}other`);
    assert.deepEqual(await other.list(), []);
    assert.equal(await other.inspect(spec.id), undefined);
    await other.remove(spec.id);
    assert.equal((await engine.inspect(spec.id))?.containers[0]?.state, "running");
    await other.close();
    await engine.remove(spec.id);
  });

  test(`${name}: runs of one task at the same time start it once`, async () => {
    const spec = task([container("main", ["untilAsked"])]);
    const all = await Promise.all([engine.run(spec), engine.run(spec), engine.run(spec)]);
    assert.equal(new Set(all.map((status) => status.containers[0]?.runtimeId)).size, 1);
    await engine.remove(spec.id);
  });
};

const testOrder = (name: string, { engine, task, subject: { container } }: Fixture): void => {
  test(`${name}: containers wait for what they depend on`, async () => {
    const spec = task([
      { ...container("last", [{ print: "last" }]), dependsOn: [{ container: "first", condition: "SUCCESS" }] },
      container("first", [{ sleepSeconds: 0.3 }]),
      { ...container("beside", ["untilAsked"]), dependsOn: [{ container: "first", condition: "START" }] },
    ]);
    const states = (status: TaskStatus): string => status.containers.map((one) => one.state).join(" ");
    assert.equal(states(await engine.run(spec)), "waiting running running");
    await until("first has ended", async () => (await engine.inspect(spec.id))?.containers[1]?.state === "exited");
    assert.notEqual((await engine.run(spec)).containers[0]?.state, "waiting");
    await engine.remove(spec.id);
  });

  test(`${name}: what depends on a success that failed never starts, and says why`, async () => {
    const spec = task([
      container("first", [{ exit: 7 }]),
      { ...container("second", []), dependsOn: [{ container: "first", condition: "SUCCESS" }] },
    ]);
    await engine.run(spec);
    await until("first has ended", async () => (await engine.inspect(spec.id))?.containers[0]?.state === "exited");
    const second = (await engine.run(spec)).containers[1];
    assert.deepEqual([second?.state, second?.reason], ["waiting", "dependency first exited with code 7"]);
    await engine.remove(spec.id);
  });

  test(`${name}: stopping asks first, then kills`, async () => {
    const kind = task([container("main", [{ print: "up" }, "untilAsked"])]);
    const stubborn = task([container("main", [{ print: "up" }, "stubbornly"])]);
    await Promise.all([engine.run(kind), engine.run(stubborn)]);
    for (const spec of [kind, stubborn]) {
      for await (const _line of engine.logs(spec.id, "main", { follow: true })) break;
    }
    await Promise.all([engine.stop(kind.id, { seconds: 20 }), engine.stop(stubborn.id, { seconds: 1 })]);
    assert.equal((await engine.inspect(kind.id))?.containers[0]?.exitCode, 0);
    assert.equal((await engine.inspect(stubborn.id))?.containers[0]?.exitCode, 137);
    await Promise.all([engine.remove(kind.id), engine.remove(stubborn.id)]);
  });

  test(`${name}: a container that takes more memory than it may is killed, in ECS's words`, async () => {
    const spec = task([{ ...container("main", ["exhaustMemory"]), limits: { memoryBytes: 32 * 1024 * 1024 } }]);
    await engine.run(spec);
    const [main] = (await ended(engine, spec)).containers;
    assert.deepEqual([main?.reason, main?.exitCode], ["OutOfMemoryError: Container killed due to memory usage", 137]);
    await engine.remove(spec.id);
  });
};

const testOutput = (name: string, { engine, task, subject: { container } }: Fixture): void => {
  test(`${name}: the output comes whole, in order and split by stream, while it runs and afterwards`, async () => {
    const spec = task([
      container("main", [{ print: "one" }, { sleepSeconds: 0.2 }, { complain: "two" }, { sleepSeconds: 0.2 }, { print: "three" }]),
    ]);
    await engine.run(spec);
    const expected = ["stdout: one", "stderr: two", "stdout: three"];
    assert.deepEqual(await collect(engine, spec, "main"), expected);
    assert.deepEqual(await collect(engine, spec, "main"), expected);
    await engine.remove(spec.id);
  });

  test(`${name}: reading goes on exactly after any line`, async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `line ${index}`);
    const spec = task([
      container(
        "main",
        texts.flatMap((text, index): Step[] => (index % 4 === 3 ? [{ sleepSeconds: 0.1 }, { print: text }] : [{ print: text }])),
      ),
    ]);
    await engine.run(spec);
    const lines = await Array.fromAsync(engine.logs(spec.id, "main", { follow: true }));
    assert.deepEqual(
      lines.map((line) => line.text),
      texts,
    );
    for (const [index, line] of lines.entries()) {
      const rest = await Array.fromAsync(engine.logs(spec.id, "main", { follow: false, since: line.position }));
      assert.deepEqual(
        rest.map((one) => one.text),
        texts.slice(index + 1),
      );
    }
    await engine.remove(spec.id);
  });

  test(`${name}: reading what there is does not wait, and following ends when told to`, async () => {
    const spec = task([container("main", [{ print: "here" }, "untilAsked"])]);
    await engine.run(spec);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const line of engine.logs(spec.id, "main", { follow: true, signal: stop.signal })) {
      seen.push(line.text);
      setTimeout(() => stop.abort(), 50);
    }
    assert.deepEqual(seen, ["here"]);
    const there = await Array.fromAsync(engine.logs(spec.id, "main", { follow: false }));
    assert.deepEqual(
      there.map((line) => line.text),
      ["here"],
    );
    await engine.remove(spec.id);
  });
};

const testControl = (name: string, { engine, task, subject: { container } }: Fixture): void => {
  test(`${name}: watching tells of every change`, async () => {
    const changes: string[] = [];
    using _watch = engine.watch((taskId) => changes.push(taskId));
    const spec = task([container("main", [{ sleepSeconds: 0.2 }])]);
    await engine.run(spec);
    await until("the start is told", async () => changes.includes(spec.id));
    await ended(engine, spec);
    const before = changes.length;
    await engine.remove(spec.id);
    await until("the end is told", async () => changes.length > before);
  });

  test(`${name}: a frozen task stands still and goes on when thawed`, async () => {
    const spec = task([container("main", [{ sleepSeconds: 0.3 }, { exit: 5 }])]);
    await engine.run(spec);
    await engine.freeze(spec.id);
    assert.equal((await engine.inspect(spec.id))?.containers[0]?.state, "frozen");
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal((await engine.inspect(spec.id))?.containers[0]?.state, "frozen");
    await engine.thaw(spec.id);
    assert.equal((await ended(engine, spec)).containers[0]?.exitCode, 5);
    await engine.remove(spec.id);
  });

  test(`${name}: a frozen task can be stopped and removed`, async () => {
    const stopped = task([container("main", [{ print: "up" }, "untilAsked"])]);
    const removed = task([container("main", ["untilAsked"])]);
    await Promise.all([engine.run(stopped), engine.run(removed)]);
    for await (const _line of engine.logs(stopped.id, "main", { follow: true })) break;
    await Promise.all([engine.freeze(stopped.id), engine.freeze(removed.id)]);
    await engine.stop(stopped.id, { seconds: 10 });
    assert.equal((await engine.inspect(stopped.id))?.containers[0]?.exitCode, 0);
    await Promise.all([engine.remove(stopped.id), engine.remove(removed.id)]);
    assert.equal(await engine.inspect(removed.id), undefined);
  });
};
