import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type Docker from "dockerode";
import { writeLimits } from "#engine/docker/cgroups.ts";
import { limitOptions } from "#engine/docker/container-options.ts";
import { Freezer } from "#engine/docker/freezer.ts";
import { label } from "#engine/docker/labels.ts";
import { hasDied, markProcess } from "#engine/docker/process-mark.ts";
import { EngineError, type TaskSpec } from "#engine/engine.ts";
import { docker, newCloudId, oneContainer, openTestEngine } from "./cloud.ts";
import { until } from "./contract.ts";
import { provideSandbox, shellImage } from "./test-image.ts";

const image = await shellImage();
await provideSandbox(image);
const engine = openTestEngine();

const output = async (spec: TaskSpec): Promise<string> => {
  await engine.run(spec);
  const lines = await Array.fromAsync(engine.logs(spec.id, "main", { follow: true }));
  await engine.remove(spec.id);
  return lines.map((line) => line.text).join("\n");
};

const sleeper = { image, command: ["sleep", "1000"] };

test("a container holds the small set of capabilities, no way to more, and a ceiling of processes", async () => {
  const status = await output(
    oneContainer("caps", { image, command: ["sh", "-c", "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status"] }),
  );
  // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, SETPCAP 8, NET_BIND_SERVICE 10, SYS_CHROOT 18.
  assert.match(status, /CapEff:\s+00000000000405fb\nNoNewPrivs:\s+1\nSeccomp:\s+2/);
  await engine.run(oneContainer("pids", { ...sleeper, limits: { pids: 77, memoryBytes: 64 << 20, cpuUnits: 512, cpuIsHard: true } }));
  const { HostConfig } = await docker.getContainer((await engine.inspect("pids"))?.containers[0]?.runtimeId ?? "").inspect();
  assert.deepEqual(
    [HostConfig.PidsLimit, HostConfig.Memory, HostConfig.MemorySwap, HostConfig.CpuQuota, HostConfig.CpuShares],
    [77, 64 << 20, 64 << 20, 50_000, 512],
  );
  await engine.remove("pids");
});

test("a command that can't be started leaves the task ended with ECS's reason", async () => {
  const spec = oneContainer("bad", { image, command: ["/there/is/no/such/program"] });
  await assert.rejects(
    engine.run(spec),
    (error) => error instanceof EngineError && error.code === "StartFailed" && /no such file/.test(error.message),
  );
  const [main] = (await engine.inspect("bad"))?.containers ?? [];
  assert.equal(main?.state, "exited");
  assert.match(main?.reason ?? "", /^CannotStartContainerError: Error response from daemon: .*no such file/);
  assert.equal((await engine.run(spec)).containers[0]?.state, "exited");
  await engine.remove("bad");
});

test("containers of a task share loopback, names and volumes, and reach the world through the gateway", async () => {
  const mounts = [{ volume: "shared", target: "/shared", readOnly: false }];
  const spec: TaskSpec = {
    ...oneContainer("pair", { image }, { hosts: { "db.test": "10.1.2.3" } }),
    containers: [
      { name: "writer", essential: true, image, mounts, command: ["sh", "-c", "grep db.test /etc/hosts > /shared/hosts; sleep 1000"] },
      {
        name: "main",
        essential: true,
        image,
        mounts,
        command: ["sh", "-c", "until test -s /shared/hosts; do sleep 0.1; done; cat /shared/hosts"],
      },
    ],
  };
  assert.match(await output(spec), /^10\.1\.2\.3\s+db\.test$/);
  const volumes = await docker.listVolumes({
    filters: JSON.stringify({ label: [`${label.task}=pair`] }),
  } as unknown as Docker.VolumeListOptions);
  assert.deepEqual(volumes.Volumes, []);
});

test("published ports are told, bound to the cloud's address, and survive a restart of it", async () => {
  const cloudId = newCloudId();
  const first = openTestEngine({ cloudId });
  const spec = oneContainer("ports", sleeper, { ports: [{ containerPort: 80, protocol: "tcp" }] });
  const { ports, address } = await first.run(spec);
  assert.equal(ports[0]?.containerPort, 80);
  assert.match(address ?? "", /^169\.254\.17[01]\./);
  const again = await openTestEngine({ cloudId }).inspect("ports");
  assert.deepEqual([again?.ports, again?.address], [ports, address]);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(ports[0]?.hostPort ?? 0, "127.0.0.1", () => resolve(void socket.destroy()));
    socket.on("error", reject);
  });
  const taken = oneContainer("taken", sleeper, { ports: [{ containerPort: 80, hostPort: ports[0]?.hostPort ?? 0, protocol: "tcp" }] });
  await assert.rejects(
    first.run(taken),
    (error) => error instanceof EngineError && /already allocated|address already in use/.test(error.message),
  );
  assert.equal(await first.inspect("taken"), undefined);
  await first.remove("ports");
});

test("a command runs in a running container with its output and exit code", async () => {
  await engine.run(oneContainer("exec", sleeper));
  const result = await engine.exec("exec", "main", ["sh", "-c", "echo out; echo err >&2; exit 4"]);
  assert.deepEqual([result.exitCode, result.stdout.toString(), result.stderr.toString()], [4, "out\n", "err\n"]);
  const much = await engine.exec("exec", "main", ["head", "-c", "3000000", "/dev/zero"]);
  assert.deepEqual([much.exitCode, much.stdout.length], [0, 1024 * 1024]);
  await assert.rejects(engine.exec("none", "main", ["true"]), (error) => error instanceof EngineError && error.code === "NotFound");
  await engine.remove("exec");
});

test("the limits of a running container can be raised and lowered", async () => {
  await engine.run(oneContainer("resize", { ...sleeper, limits: { memoryBytes: 64 << 20 } }));
  const read = async (): Promise<string> =>
    (
      await engine.exec("resize", "main", ["sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max"])
    ).stdout
      .toString()
      .trim();
  for (const megabytes of [256, 32]) {
    await engine.resize("resize", "main", { memoryBytes: megabytes << 20 });
    assert.equal(await read(), String(megabytes << 20));
  }
  await engine.remove("resize");
});

test("a health check makes a dependent wait until it passes", async () => {
  const spec: TaskSpec = {
    ...oneContainer("health", { image }),
    containers: [
      {
        name: "db",
        essential: true,
        image,
        command: ["sh", "-c", "sleep 1; touch /tmp/ready; sleep 1000"],
        healthCheck: {
          command: ["CMD-SHELL", "test -e /tmp/ready"],
          intervalSeconds: 1,
          timeoutSeconds: 5,
          retries: 5,
          startPeriodSeconds: 0,
        },
      },
      { name: "main", essential: true, ...sleeper, dependsOn: [{ container: "db", condition: "HEALTHY" }] },
    ],
  };
  const changed: string[] = [];
  using watch = engine.watch((taskId) => changed.push(taskId));
  assert.ok(watch);
  assert.deepEqual(
    (await engine.run(spec)).containers.map((one) => [one.state, one.health]),
    [
      ["running", "starting"],
      ["waiting", "none"],
    ],
  );
  await until("the database is healthy", async () => (await engine.inspect("health"))?.containers[0]?.health === "healthy");
  assert.equal((await engine.run(spec)).containers[1]?.state, "running");
  await engine.remove("health");
});

test("a long line and one without an end come as they were written", async () => {
  const text = await output(
    oneContainer("long", { image, command: ["sh", "-c", "head -c 50000 /dev/zero | tr '\\0' x; echo; printf 'no end'"] }),
  );
  assert.equal(text, `${"x".repeat(50_000)}\nno end`);
  const terminal = await output(oneContainer("tty", { image, pseudoTerminal: true, command: ["sh", "-c", "echo one; echo two"] }));
  assert.equal(terminal, "one\ntwo");
});

test("sandboxes made ahead are used, replaced, survive being killed, and go when the cloud closes or comes back after a crash", async () => {
  const cloudId = newCloudId();
  const sandboxes = async (): Promise<string[]> =>
    (
      await docker.listContainers({ all: true, filters: JSON.stringify({ label: [`${label.cloud}=${cloudId}`, `${label.role}=sandbox`] }) })
    ).map(({ Id }) => Id);
  const first = openTestEngine({ cloudId, sandboxesAhead: 1 });
  await first.warmUp();
  const [ahead = ""] = await sandboxes();
  await first.run(oneContainer("a", sleeper));
  const used = await docker.getContainer((await first.inspect("a"))?.containers[0]?.runtimeId ?? "").inspect();
  assert.equal(used.HostConfig.NetworkMode, `container:${ahead}`);
  await until("another is there", async () => (await sandboxes()).length === 2);
  const next = (await sandboxes()).find((id) => id !== ahead) ?? "";
  await first.warmUp();
  await docker.getContainer(next).kill();
  assert.equal((await first.run(oneContainer("b", sleeper))).containers[0]?.state, "running");
  await first.warmUp();
  // The first process is taken for dead: what it had made ahead belongs to nobody.
  const unclaimed = (await sandboxes()).length;
  const second = openTestEngine({ cloudId, sandboxesAhead: 0 });
  await second.warmUp();
  assert.ok((await sandboxes()).length < unclaimed);
  assert.equal((await second.list()).length, 2);
  await Promise.all([second.remove("a"), second.remove("b")]);
  await first.close();
  assert.deepEqual(await sandboxes(), []);
});

test("a container asks the engine's own name server, which knows the others", async () => {
  const found = await output(oneContainer("names", { image, command: ["sh", "-c", "cat /etc/resolv.conf"] }));
  assert.match(found, /nameserver 127\.0\.0\.11/);
});

test("a task without a network has loopback only", async () => {
  const found = await output(oneContainer("none", { image, command: ["sh", "-c", "ls /sys/class/net"] }, { network: "none" }));
  assert.deepEqual(found.split(/\s+/), ["lo"]);
});

test("where control groups are out of reach, the engine's own pause and update do the same", async () => {
  const { containers } = await engine.run(oneContainer("remote", { ...sleeper, limits: { memoryBytes: 64 << 20 } }));
  const container = { id: containers[0]?.runtimeId ?? "", pid: -1 };
  const freezer = new Freezer(docker);
  await freezer.set("remote", { ...container, paused: false }, true);
  assert.equal((await engine.inspect("remote"))?.containers[0]?.state, "frozen");
  await engine.thaw("remote");
  assert.equal((await engine.inspect("remote"))?.containers[0]?.state, "running");
  assert.equal(writeLimits(freezer.groups("remote", container), { memoryBytes: 128 << 20 }), false);
  await docker.getContainer(container.id).update(limitOptions({ memoryBytes: 128 << 20, cpuUnits: 256, cpuIsHard: true }));
  const { HostConfig } = await docker.getContainer(container.id).inspect();
  assert.deepEqual([HostConfig.Memory, HostConfig.CpuQuota], [128 << 20, 25_000]);
  await engine.remove("remote");
});

test("what a cloud that died had made ahead goes when any other starts", async () => {
  const cloudId = newCloudId();
  const program = `
    import { docker, openTestEngine } from ${JSON.stringify(new URL("cloud.ts", import.meta.url).href)};
    await openTestEngine({ cloudId: "${cloudId}", sandboxesAhead: 1 }).warmUp();
    process.kill(process.pid, "SIGKILL");
  `;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], { stdio: "inherit" });
  await once(child, "close");
  const left = async (): Promise<number> =>
    (await docker.listContainers({ filters: JSON.stringify({ label: [`${label.cloud}=${cloudId}`] }) })).length;
  assert.equal(await left(), 1);
  await openTestEngine().warmUp();
  assert.equal(await left(), 0);
});

test("a process is known to be dead only where its number means the same", () => {
  const mark = markProcess();
  assert.equal(hasDied(mark), false);
  assert.equal(hasDied(mark.replace(/\d+$/, "1")), true);
  assert.equal(hasDied(mark.replace(/ \d+ (\d+)$/, " 4194304 $1")), true);
  assert.equal(hasDied(`another-machine${mark}`), false);
  assert.equal(hasDied(""), false);
});
