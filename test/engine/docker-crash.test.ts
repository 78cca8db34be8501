import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { label } from "#engine/docker/labels.ts";
import { docker, newCloudId, oneContainer, openTestEngine } from "./cloud.ts";
import { provideSandbox, shellImage } from "./test-image.ts";

const image = await shellImage();
await provideSandbox(image);

/** Starts tasks, one after the other and two at a time, until it is killed. */
const program = (cloudId: string): string => `
  import { oneContainer, openTestEngine } from ${JSON.stringify(new URL("cloud.ts", import.meta.url).href)};
  const engine = openTestEngine({ cloudId: "${cloudId}", sandboxesAhead: 1 });
  const work = async (name) => {
    for (let count = 0; ; count += 1) {
      await engine.run(oneContainer(name + count, { image: "${image}", command: ["sleep", "1000"] }));
      process.stdout.write(".");
      if (count % 2 === 1) await engine.remove(name + count);
    }
  };
  await Promise.all([work("a"), work("b")]);
`;

test(
  "after a kill at any moment, what was started is found, can be run on, and leaves nothing when removed",
  { timeout: 120_000 },
  async () => {
    for (const starts of [0, 1, 3]) {
      const cloudId = newCloudId();
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program(cloudId)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for (let seen = 0; seen < starts;) seen += ((await once(child.stdout, "data"))[0] as Buffer).length;
      await new Promise((resolve) => setTimeout(resolve, starts === 0 ? 700 : 40 * starts));
      child.kill("SIGKILL");
      await once(child, "close");
      // A request that was under way when the process died is carried out all the same.
      await new Promise((resolve) => setTimeout(resolve, 1_000));

      const engine = openTestEngine({ cloudId });
      await engine.adopt();
      await engine.warmUp();
      const found = await engine.list();
      for (const { id } of found) {
        const { containers } = await engine.run(oneContainer(id, { image, command: ["sleep", "1000"] }));
        assert.deepEqual(
          containers.map(({ state }) => state),
          ["running"],
        );
      }
      await Promise.all(found.map(({ id }) => engine.remove(id)));
      const filters = JSON.stringify({ label: [`${label.cloud}=${cloudId}`] });
      const left = async () => (await docker.listContainers({ all: true, filters })).map(({ Names, State }) => [Names, State]);
      // The engine may still be at the removal of what the dead process had asked for.
      for (const end = Date.now() + 20_000; (await left()).some(([, state]) => state === "removing") && Date.now() < end;)
        await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(await left(), []);
    }
  },
);

test("a container that was created and not started before its sandbox was lost starts on another", async () => {
  const cloudId = newCloudId();
  const first = openTestEngine({ cloudId });
  const spec = oneContainer("lost", { image, command: ["sleep", "1000"] });
  const { containers } = await first.run(spec);
  const inspected = await docker.getContainer(containers[0]?.runtimeId ?? "").inspect();
  const { Labels } = inspected.Config;
  const sandbox = Labels[label.sandbox] ?? "";
  await docker.getContainer(inspected.Id).remove({ force: true });
  await docker.createContainer({
    name: inspected.Name.slice(1),
    Image: image,
    Cmd: ["sleep", "1000"],
    Labels,
    HostConfig: { NetworkMode: `container:${sandbox}` },
  });
  await docker.getContainer(sandbox).remove({ force: true });
  assert.equal((await first.inspect("lost"))?.containers[0]?.state, "created");
  assert.equal((await first.run(spec)).containers[0]?.state, "running");
  await first.remove("lost");
});
