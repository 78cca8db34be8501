import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseConfig } from "#config";
import type { CloudAddress } from "#config";
import { deployApp } from "../app/deploy-app.ts";
import type { Command } from "../command.ts";
import { runDemo, sampleName } from "../demo/run-demo.ts";
import { nextSteps } from "../demo/next-steps.ts";
import { packageRoot } from "../package-root.ts";
import { readArguments } from "../read-arguments.ts";
import { seconds } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";

const usage = `demo [OPTIONS]
  Starts a cloud in a temporary folder, deploys examples/video-thumbnailer, uploads a video and waits for its thumbnail.
  --keep                 leave the cloud up, and say what to try next; ctrl-c ends it
  --output FILE          where the thumbnail goes
  --json`;

const address = (endpoint: string): CloudAddress => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** The pushed image, which is most of a first run's time, stays for the next. */
const kept = ["ecr"] as const;

export const demo: Command = {
  usage,
  run: async (args, terminal) => {
    const { values } = readArguments(args, { options: { keep: { type: "boolean" }, output: { type: "string" } }, usage });
    const output = resolve(values.output ?? join(tmpdir(), "tandem-demo", `${sampleName}.jpg`));
    const startedAt = performance.now();
    const { cloud, dataPath, isShared } = await start();
    const stopped = new Promise<"stopped">((resolveStopped) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolveStopped("stopped"));
    });
    try {
      // What a demonstration that was killed has left behind.
      await cloud.reset({ keeping: kept });
      terminal.step("cloud", `answers at ${cloud.endpoint}, ${seconds(performance.now() - startedAt)} after it was started`, {
        endpoint: cloud.endpoint,
        data: dataPath,
      });
      const ended = await Promise.race([show(address(cloud.endpoint), { output, terminal }), stopped]);
      if (ended === "stopped") return 130;
      if (values.keep === true) {
        terminal.result({ endpoint: cloud.endpoint, kept: true }, () => nextSteps(cloud.endpoint, ended.bucket));
        await stopped;
      }
      return 0;
    } finally {
      const cloudId = (await readFile(join(dataPath, "cloud-id"), "utf8").catch(() => "")).trim();
      await cloud.discard(isShared ? kept : []);
      if (!isShared) await rm(dataPath, { recursive: true, force: true });
      const left = isShared
        ? "no container is left, and of the data only the pushed image, for the next run"
        : "no container and no data are left";
      terminal.step("cloud", `stopped; ${left}`, { cloudId });
    }
  },
};

/** Starts in the folder of the run before, or in one of its own where another run, or another user, has that. */
const start = async () => {
  const { startCloud } = await import("../../main.ts");
  const startIn = (dataPath: string) => startCloud(parseConfig(["--port", "0", "--data", dataPath, "--log-level", "error"]));
  const own = process.getuid?.() ?? 0;
  const shared = join(tmpdir(), `tandem-demo-${own}`);
  await mkdir(shared, { recursive: true, mode: 0o700 });
  const isOwn = process.getuid === undefined || (await stat(shared)).uid === own;
  const cloud = isOwn ? await startIn(shared).catch(unlessInUse) : undefined;
  if (cloud) return { cloud, dataPath: shared, isShared: true };
  const dataPath = await mkdtemp(`${shared}-`);
  return { cloud: await startIn(dataPath), dataPath, isShared: false };
};

const unlessInUse = (error: unknown): undefined => {
  if (!(error instanceof Error && /is in use by process/.test(error.message))) throw error;
};

const show = async (at: CloudAddress, { output, terminal }: { output: string; terminal: Terminal }): Promise<{ bucket: string }> => {
  const folder = join(packageRoot(), "examples", "video-thumbnailer");
  const stack = await deployApp({ file: folder, stackName: undefined, parameters: {} }, { address: at, terminal });
  await mkdir(dirname(output), { recursive: true });
  const bucket = stack.outputs["BucketName"] ?? "";
  const { sizeBytes, ms } = await runDemo({ folder, bucket, stackName: stack.stackName, output }, { address: at, terminal });
  terminal.result(
    { thumbnail: output, sizeBytes, ms: Math.round(ms) },
    () => `${terminal.bold(output)} (${sizeBytes} bytes), ${seconds(ms)} after the upload`,
  );
  return { bucket };
};
