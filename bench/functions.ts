import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { whereabouts } from "#config";
import { connectDocker } from "#engine/docker/connect.ts";
import { spawnCloud } from "../test/cloud.ts";
import { createFunction } from "../test/services/lambda/function.ts";
import { spreadOf } from "./measure/rounds.ts";
import { openRawClient } from "./measure/raw-client.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * Functions over the Lambda HTTP API: cold starts that find an environment in the pool, against `docker run` of the same image; warm invocations,
 * with the CPU of the control plane and of the environments; and fifty functions that all start at once.
 */
const rounds = Number(process.argv[2] ?? 15);
const warmMs = 4_000;
const image = "tandem/runtime:nodejs22.x";
const ticksASecond = 100;

const docker = await connectDocker(whereabouts());
const folder = await mkdtemp(join(tmpdir(), "tandem-bench-functions-"));
const cloud = await spawnCloud(folder);
const agent = new Agent({ keepAlive: true });
const authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

const invoke = (name: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const path = `/2015-03-31/functions/${name}/invocations`;
    const asking = request({ host: "127.0.0.1", port: cloud.port, agent, method: "POST", path, headers: { authorization } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => (text === '"done"' ? resolve(text) : reject(new Error(text))));
    });
    asking.on("error", reject).end("{}");
  });

const time = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksASecond;
};

const dockerRun = async () => {
  const child = spawn("docker", ["run", "--rm", "--entrypoint", "/var/lang/bin/node", image, "-e", "0"], { stdio: "ignore" });
  await once(child, "close");
};

const lambda = new LambdaClient(cloud.client);
const source = "export const handler = async () => 'done';";
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const createAll = (all: string[]) => Promise.all(all.map((name) => createFunction(lambda, name, source)));

try {
  const coldNames = names("cold", rounds + 1);
  await createAll(coldNames);
  await sleep(3_000);
  const cold: number[] = [];
  const peer: number[] = [];
  for (const name of coldNames) {
    cold.push(await time(() => invoke(name)));
    peer.push(await time(dockerRun));
    await sleep(1_500);
  }
  // The first opens everything.
  const [first = 0, ...others] = cold;
  const ordered = others.toSorted((a, b) => a - b);
  printTable(
    ["ms", "median (min … max)", "p99", "ratio"],
    [
      [
        "cold start from the pool",
        spread(spreadOf(others), 1),
        (ordered.at(-1) ?? 0).toFixed(1),
        (spreadOf(others).median / spreadOf(peer).median).toFixed(3),
      ],
      [`docker run ${image}`, spread(spreadOf(peer), 0), "", "1.000"],
      ["the very first", first.toFixed(1), "", ""],
    ],
  );

  for (const connections of [1, 2, 8]) {
    await Promise.all(names("w", connections).map(() => invoke("cold0")));
    await sleep(500);
    const latencies: number[] = [];
    const before = cpuMs(cloud.process.pid ?? 0);
    const until = performance.now() + warmMs;
    // The client shares the cores with what it measures, so it is the lightest that there is.
    const path = "/2015-03-31/functions/cold0/invocations";
    const asked = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\ncontent-length: 2\r\n\r\n{}`;
    const one = async () => {
      const client = await openRawClient(cloud.port);
      while (performance.now() < until)
        latencies.push(
          await time(async () => {
            const status = await client.ask(asked);
            if (status !== 200) throw new Error(`Invoke answered ${status}`);
          }),
        );
      client.close();
    };
    const tookMs = await time(() => Promise.all(Array.from({ length: connections }, one)));
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2);
    const cpu = ((cpuMs(cloud.process.pid ?? 0) - before) / latencies.length) * 1000;
    console.log(
      `\nwarm, ${connections} at once: ${((latencies.length / tookMs) * 1000).toFixed(0)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, control plane ${cpu.toFixed(0)} µs of CPU each`,
    );
  }

  // The floor: the Engine's own create and start of as many containers of the image, eight at a time.
  const bare: string[] = [];
  const startBare = async () => {
    const container = await docker.createContainer({
      Image: image,
      Entrypoint: ["/bin/sleep", "1000"],
      HostConfig: { NetworkMode: "tandem" },
    });
    bare.push(container.id);
    await container.start();
  };
  const bareMs = await time(() =>
    Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        for (let index = lane; index < 50; index += 8) await startBare();
      }),
    ),
  );
  await Promise.all(bare.map((id) => docker.getContainer(id).remove({ force: true })));
  await sleep(1_000);

  const crowd = names("crowd", 50);
  await createAll(crowd);
  await sleep(2_000);
  const settled: PromiseSettledResult<unknown>[] = [];
  const crowdMs = await time(async () => void settled.push(...(await Promise.allSettled(crowd.map(invoke)))));
  const succeeded = settled.filter(({ status }) => status === "fulfilled").length;
  console.log(
    `\n50 cold starts at once: ${succeeded} succeeded, all within ${(crowdMs / 1000).toFixed(1)} s (${(50_000 / crowdMs).toFixed(1)}/s); the bare Engine starts 50 in ${(bareMs / 1000).toFixed(1)} s: ${(crowdMs / bareMs).toFixed(2)}×`,
  );
  if (succeeded < 50) process.exitCode = 1;
} finally {
  agent.destroy();
  await cloud[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
