import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { spawnCloud } from "../test/cloud.ts";
import { describe, newEcs, register, run, untilStatus } from "../test/services/ecs/tasks-in.ts";
import { spreadOf } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * From the call of RunTask to the moment DescribeTasks says RUNNING, image present, beside `docker run -d` of the same image; in turns. The cloud is a process of its
 * own and is asked by the AWS SDK. `node bench/run-task.ts [rounds]`
 */
const rounds = Number(process.argv[2] ?? 15);
const image = "debian:bookworm-slim";
const command = ["sleep", "1000"];

const dockerRun = async (name: string): Promise<number> => {
  const began = performance.now();
  await once(spawn("docker", ["run", "-d", "--name", name, image, ...command], { stdio: "ignore" }), "close");
  return performance.now() - began;
};

const folder = await mkdtemp(join(tmpdir(), "tandem-bench-"));
const samples = { answered: [] as number[], running: [] as number[], dockerRun: [] as number[] };
try {
  await using cloud = await spawnCloud(folder);
  const ecs = await newEcs(cloud);
  const definition = await register(ecs, [{ name: "main", image, command, memory: 64, stopTimeout: 1 }]);
  for (let round = -2; round < rounds; round += 1) {
    const began = performance.now();
    const task = await run(ecs, definition);
    const answered = performance.now() - began;
    while ((await describe(ecs, task)).lastStatus !== "RUNNING") await pause(2);
    const running = performance.now() - began;
    await ecs.send(new StopTaskCommand({ task: task.taskArn }));
    await untilStatus(ecs, task, "STOPPED");
    const name = `bench-${process.pid}-${round}`;
    const docker = await dockerRun(name);
    await once(spawn("docker", ["rm", "-f", name], { stdio: "ignore" }), "close");
    // The first rounds make the network and its sandboxes.
    if (round < 0) continue;
    samples.answered.push(answered);
    samples.running.push(running);
    samples.dockerRun.push(docker);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const base = spreadOf(samples.running).median;
const named: [string, readonly number[]][] = [
  ["RunTask to RUNNING", samples.running],
  ["RunTask to its answer", samples.answered],
  ["docker run -d", samples.dockerRun],
];
printTable(
  ["", "ms (min … max)", "ratio"],
  named.map(([what, values]) => [what, spread(spreadOf(values), 1), `${(spreadOf(values).median / base).toFixed(2)}×`]),
);
