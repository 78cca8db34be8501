import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** Everything that can be set, parsed once. */
export type Config = {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Absolute path of the data folder. */
  dataPath: string;
  auth: boolean;
  engine: "docker" | "memory";
  /** Takes the nearest runtime of the same language where a function's own has no image. */
  substituteRuntimes: boolean;
  logLevel: "debug" | "info" | "warn" | "error";
  /** `DOCKER_HOST` and the folders in which engines keep their sockets. */
  dockerHost: string | undefined;
  homePath: string | undefined;
  runtimePath: string | undefined;
};

/** A setting that can't be taken; its message says what to do instead. */
export class ConfigError extends Error {}

export const configOptions = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "4566" },
  data: { type: "string", default: ".tandem" },
  auth: { type: "boolean", default: false },
  engine: { type: "string", default: "docker" },
  "substitute-runtimes": { type: "boolean", default: false },
  "log-level": { type: "string", default: "warn" },
} as const;

const loopback = /^(127(\.\d+){3}|::1|localhost)$/;

export const parseConfig = (args: readonly string[]): Config => {
  const { values } = parseArgs({ args: [...args], options: configOptions, strict: true });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ConfigError(`--port takes a number from 0 to 65535, not ${values.port}.`);
  if (!loopback.test(values.host) && !values.auth)
    throw new ConfigError(
      `--host ${values.host} is reachable from elsewhere: add --auth, so that signatures are verified and policies enforced.`,
    );
  return {
    host: values.host,
    port,
    dataPath: resolve(values.data),
    auth: values.auth,
    engine: oneOf(values.engine, ["docker", "memory"] as const, "--engine"),
    substituteRuntimes: values["substitute-runtimes"],
    logLevel: oneOf(values["log-level"], ["debug", "info", "warn", "error"] as const, "--log-level"),
    ...whereabouts(),
  };
};

const oneOf = <T extends string>(value: string, allowed: readonly T[], option: string): T => {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new ConfigError(`${option} takes one of ${allowed.join(", ")}, not ${value}.`);
  return found;
};

/** Where the environment says that a container engine is. */
export const whereabouts = (): Pick<Config, "dockerHost" | "homePath" | "runtimePath"> => ({
  dockerHost: process.env["DOCKER_HOST"],
  homePath: process.env["HOME"],
  runtimePath: process.env["XDG_RUNTIME_DIR"],
});

/** Where a command finds the cloud, and as whom it calls. */
export type CloudAddress = {
  endpoint: string;
  region: string;
  /** Absent where a profile or a credentials file is named: the SDK reads those. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** From the options of a command, else from the variables that every AWS tool reads, else the cloud on this machine. */
export const parseCloudAddress = ({ endpoint, region }: { endpoint?: string | undefined; region?: string | undefined }): CloudAddress => {
  const of = (name: string): string | undefined => process.env[name] || undefined;
  const url = endpoint ?? of("AWS_ENDPOINT_URL") ?? "http://127.0.0.1:4566";
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new ConfigError(`--endpoint takes an address such as http://127.0.0.1:4566, not ${url}.`);
  const sessionToken = of("AWS_SESSION_TOKEN");
  const accessKeyId = of("AWS_ACCESS_KEY_ID");
  const isElsewhere = accessKeyId === undefined && (of("AWS_PROFILE") ?? of("AWS_SHARED_CREDENTIALS_FILE")) !== undefined;
  const credentials = {
    accessKeyId: accessKeyId ?? "test",
    secretAccessKey: of("AWS_SECRET_ACCESS_KEY") ?? "test",
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return {
    endpoint: url.replace(/\/+$/, ""),
    region: region ?? of("AWS_REGION") ?? of("AWS_DEFAULT_REGION") ?? "us-east-1",
    ...(isElsewhere ? {} : { credentials }),
  };
};

/** A proxy that this machine needs is needed inside image builds too; builders know these arguments without a declaration. */
export const proxyArguments = (): Record<string, string> =>
  Object.fromEntries(
    ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => {
      const value = process.env[name] ?? process.env[name.toUpperCase()];
      return value ? [[name, value]] : [];
    }),
  );

/** https://no-color.org */
export const refusesColour = (): boolean => (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb";
