import { connectDocker } from "#engine/docker/connect.ts";
import { openDockerEngine } from "#engine/docker/docker-engine.ts";
import type { Engine } from "#engine/engine.ts";
import { testEngine, type Step } from "./contract.ts";
import { provideSandbox, shellImage } from "./test-image.ts";

const image = await shellImage();
await provideSandbox(image);

const shellOf = (step: Step): string => {
  if (step === "untilAsked") return "trap 'exit 0' TERM; while true; do sleep 0.05; done";
  if (step === "stubbornly") return "trap '' TERM; while true; do sleep 0.05; done";
  // One long line: it can only be read into memory whole.
  if (step === "exhaustMemory") return "exec tail /dev/zero";
  if ("print" in step) return `echo '${step.print}'`;
  if ("complain" in step) return `echo '${step.complain}' >&2`;
  if ("sleepSeconds" in step) return `sleep ${step.sleepSeconds}`;
  return `exit ${step.exit}`;
};

const open = async (cloudId: string): Promise<Engine> =>
  openDockerEngine(await connectDocker({ dockerHost: process.env["DOCKER_HOST"] }), {
    cloudId,
    dataPath: "/tmp",
    bindAddress: "127.0.0.1",
    sandboxesAhead: 1,
    prepareSandboxes: async () => ({ dns: [] }),
  });

await testEngine("docker", {
  open,
  container: (name, steps) => ({ name, image, essential: true, command: ["sh", "-c", steps.map(shellOf).join("\n")] }),
  missingImage: "tandem/there-is-no-such-image:latest",
});
