import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whereabouts } from "#config";
import type { Config } from "#config";
import { startCloud } from "../src/main.ts";

export const region = "us-east-1";

/** What every SDK client of a test takes besides the endpoint. */
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

export type TestCloud = AsyncDisposable & {
  endpoint: string;
  port: number;
  dataPath: string;
  /** For `new S3Client(cloud.client)`. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** For programs of the machine: `aws`, boto3. */
  environment: Record<string, string>;
};

const describe = (endpoint: string, dataPath: string) => ({
  endpoint,
  port: Number(new URL(endpoint).port),
  dataPath,
  client: { endpoint, region, credentials },
  environment: {
    PATH: process.env["PATH"] ?? "",
    HOME: dataPath,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  },
});

export const temporaryFolder = () => mkdtemp(join(tmpdir(), "tandem-test-"));

const defaults: Omit<Config, "dataPath"> = {
  host: "127.0.0.1",
  port: 0,
  auth: false,
  engine: "docker",
  substituteRuntimes: false,
  logLevel: "warn",
  ...whereabouts(),
};

/** A cloud in this process with a data folder of its own, gone at the end of the scope: `await using cloud = await newCloud()`. */
export const newCloud = async (config: Partial<Config> = {}): Promise<TestCloud> => {
  const dataPath = config.dataPath ?? (await temporaryFolder());
  const cloud = await startCloud({ ...defaults, dataPath, ...config });
  return {
    ...describe(cloud.endpoint, dataPath),
    [Symbol.asyncDispose]: async () => {
      await cloud.discard();
      if (config.dataPath === undefined) await rm(dataPath, { recursive: true, force: true });
    },
  };
};

export type SpawnedCloud = TestCloud & {
  process: ChildProcess;
  /** `kill -9`, and waits until it is dead. */
  kill(): Promise<void>;
};

/** A cloud in a process of its own, as users run it, for tests that kill it. The data folder is the caller's. */
export const spawnCloud = async (
  dataPath: string,
  { port = 0, args = [] }: { port?: number; args?: string[] } = {},
): Promise<SpawnedCloud> => {
  const child = spawn(join(import.meta.dirname, "../bin/tandem"), ["up", "--port", String(port), "--data", dataPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.once("exit", (code) => reject(new Error(`tandem ended with ${code}: ${output}`)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const found = /(http:\/\/\S+)[^]*Ready\./.exec(output)?.[1];
      if (found) resolve(found);
    });
  });
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill(signal);
    });
  return { ...describe(endpoint, dataPath), process: child, kill: () => end("SIGKILL"), [Symbol.asyncDispose]: () => end("SIGTERM") };
};
