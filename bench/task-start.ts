import { spawn } from "node:child_process";
import { once } from "node:events";
import { whereabouts } from "#config";
import { connectDocker } from "#engine/docker/connect.ts";
import { openDockerEngine } from "#engine/docker/docker-engine.ts";
import { spreadOf } from "./measure/rounds.ts";
import { printTable, spread } from "./measure/table.ts";

/**
 * From the wish to run a container to the moment it runs, image present: by our engine with its sandboxes made ahead, by `docker run -d`,
 * and by the two bare calls of the Engine API, which is the least that any client of Docker can take. Interleaved, so that all share
 * the machine's mood. Then the thaw of a frozen task beside the engine's own unpause.
 */
const rounds = Number(process.argv[2] ?? 20);
const image = "debian:bookworm-slim";
const command = ["sleep", "1000"];

const docker = await connectDocker(whereabouts());
const engine = openDockerEngine(docker, {
  cloudId: `bench${process.pid}`,
  dataPath: "/tmp",
  bindAddress: "127.0.0.1",
  sandboxesAhead: 2,
  prepareSandboxes: async () => ({ dns: [] }),
});

const time = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const spec = (id: string) => ({
  id,
  kind: "bench",
  labels: {},
  network: "sandbox" as const,
  containers: [{ name: "main", essential: true, image, command }],
});

const dockerRun = async (name: string): Promise<void> => {
  const child = spawn("docker", ["run", "-d", "--name", name, image, ...command], { stdio: "ignore" });
  await once(child, "close");
};

const bareCalls = async (name: string): Promise<void> => {
  const container = await docker.createContainer({ name, Image: image, Cmd: command });
  await container.start();
};

const remove = (name: string): Promise<unknown> => docker.getContainer(name).remove({ force: true });

const samples = {
  engine: [] as number[],
  dockerRun: [] as number[],
  bareCalls: [] as number[],
  thaw: [] as number[],
  unpause: [] as number[],
};
const name = (what: string, round: number): string => `bench-${process.pid}-${what}-${round}`;

try {
  for (let round = -2; round < rounds; round += 1) {
    // Whoever comes first in a round meets what the last one left behind, so each does in turn.
    const ways = [
      { into: samples.engine, start: () => engine.run(spec(`r${round}`)) },
      { into: samples.dockerRun, start: () => dockerRun(name("run", round)) },
      { into: samples.bareCalls, start: () => bareCalls(name("bare", round)) },
    ];
    const turn = (round + 2) % ways.length;
    for (const { into, start } of [...ways.slice(turn), ...ways.slice(0, turn)]) {
      // The sandboxes that are made for tasks to come are not part of anyone's time.
      await engine.warmUp();
      const taken = await time(start);
      if (round >= 0) into.push(taken);
    }
    await engine.freeze(`r${round}`);
    const thaw = await time(() => engine.thaw(`r${round}`));
    await docker.getContainer(name("bare", round)).pause();
    const unpause = await time(() => docker.getContainer(name("bare", round)).unpause());
    await Promise.all([engine.remove(`r${round}`), remove(name("run", round)), remove(name("bare", round))]);
    // The first rounds read files that the machine then has in its memory, and do not count.
    if (round < 0) continue;
    samples.thaw.push(thaw);
    samples.unpause.push(unpause);
  }
} finally {
  await engine.close();
}

const base = (which: number): number => spreadOf(which < 3 ? samples.engine : samples.thaw).median;
const named: [string, readonly number[]][] = [
  ["task start, our engine", samples.engine],
  ["docker run -d", samples.dockerRun],
  ["bare create and start", samples.bareCalls],
  ["thaw, our engine", samples.thaw],
  ["docker unpause", samples.unpause],
];
printTable(
  ["", "ms (min … max)", "ratio"],
  named.map(([what, values], index) => [what, spread(spreadOf(values), 2), `${(spreadOf(values).median / base(index)).toFixed(2)}×`]),
);
