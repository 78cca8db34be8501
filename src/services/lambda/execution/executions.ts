import { EngineError } from "#engine/engine.ts";
import type { Platform } from "../../service.ts";
import type { CodeStore } from "../code/code-store.ts";
import { engineFailure, throttled } from "../faults.ts";
import type { FunctionName, FunctionVersion } from "../lambda.ts";
import { limits } from "../limits.ts";
import { Containers } from "./containers.ts";
import { newRoleCredentials } from "./credentials.ts";
import { Fleet } from "./fleet.ts";
import { fetchFunctionImage } from "./function-image.ts";
import { LogWriter } from "./log-writer.ts";
import { payloadOf, survives } from "./outcomes.ts";
import { reportLines } from "./report.ts";
import { newRuntimeImages } from "./runtime-images.ts";

export type Request = {
  requestId: string;
  payload: Buffer;
  invokedArn: string;
  clientContext: string | undefined;
  reservedConcurrency: number | undefined;
  wantsTail: boolean;
};

export type Outcome = {
  payload: Buffer;
  isError: boolean;
  logTail: string | undefined;
  /** Waits until all that the invocation wrote is in its log group. */
  logged(): Promise<void>;
};

/** Runs functions. */
export type Executions = {
  invoke(version: FunctionVersion, request: Request): Promise<Outcome>;
  /** Sees to it that a version can be run; faults say why it can't. */
  prepare(version: FunctionVersion): Promise<void>;
  retire(fn: FunctionName, version: string | undefined): void;
  /** Removes containers that an earlier process left. */
  reap(): Promise<void>;
  /** Ends all environments, those that wait among them. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

type Parts = { platform: Platform; code: CodeStore; folder: string };

export const newExecutions = ({ platform, code, folder }: Parts): Executions => {
  const writer = new LogWriter(platform);
  const runtimeImage = newRuntimeImages({
    engine: platform.engine,
    mayReplace: platform.config.substituteRuntimes,
    log: platform.log,
  });
  const containers = new Containers({
    platform,
    folder,
    writer,
    events: { idle: (environment) => fleet.idle(environment), dead: (environment) => fleet.dead(environment) },
  });
  const fetched = new Set<string>();
  const fetch = async (version: FunctionVersion): Promise<string> => {
    const name = await fetchFunctionImage(platform, version);
    if (name !== version.imageUri) fetched.add(name);
    return name;
  };
  const imageOf = (version: FunctionVersion): Promise<string> =>
    version.imageUri === undefined ? runtimeImage(version.runtime ?? "") : fetch(version);
  const fleet = new Fleet({ platform, containers, code, credentialsOf: newRoleCredentials(platform), imageOf });
  const running = newConcurrency();
  return {
    invoke: async (version, request) => {
      using _place = running.enter(version, request.reservedConcurrency);
      return await run(version, request, { platform, fleet, containers, writer }).catch(asFault);
    },
    prepare: (version) =>
      fleet.prepare(version).catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        platform.log.warn({ error, function: version.name }, "no environments can be started now");
      }),
    retire: (fn, version) => fleet.retire(fn, version),
    reap: () => containers.reap(),
    clear: async () => {
      fleet.clear();
      await containers.clear();
      if (fetched.size === 0) return;
      const { images } = await platform.engine();
      // One that a container still uses keeps its name.
      await Promise.allSettled([...fetched].map((name) => images.remove(name)));
      fetched.clear();
    },
    close: async () => {
      fleet.close();
      await containers.close();
      await writer.flush();
    },
  };
};

const asFault = (error: unknown): never => {
  throw error instanceof EngineError ? engineFailure(`The function can't be run: ${error.message}`) : error;
};

/** Counts what runs now, by function and account, against what is reserved and allowed. */
const newConcurrency = () => {
  const counts = new Map<string, number>();
  const add = (key: string, change: number) => counts.set(key, (counts.get(key) ?? 0) + change);
  return {
    enter: ({ account, region, name }: FunctionName, reserved: number | undefined): Disposable => {
      const own = `${account}/${region}/${name}`;
      const shared = `${account}/${region}`;
      if (reserved !== undefined && (counts.get(own) ?? 0) >= reserved)
        throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
      if ((counts.get(shared) ?? 0) >= limits.concurrentExecutions) throw throttled("ConcurrentInvocationLimitExceeded");
      add(own, 1);
      add(shared, 1);
      return {
        [Symbol.dispose]: () => {
          add(own, -1);
          add(shared, -1);
        },
      };
    },
  };
};

type Running = { platform: Platform; fleet: Fleet; containers: Containers; writer: LogWriter };

const maxMisses = 3;

const run = async (version: FunctionVersion, request: Request, parts: Running, misses = 0): Promise<Outcome> => {
  const { requestId, payload, invokedArn, clientContext } = request;
  const environment = await parts.fleet.acquire(version);
  environment.output.begin(requestId, version.version);
  const traceId = traceIdOf(parts.platform);
  const done = await environment.run({ requestId, payload, invokedArn, clientContext, traceId }, version);
  const { ending } = done;
  if (ending.kind === "missed" && misses < maxMisses) {
    parts.containers.end(environment);
    return run(version, request, parts, misses + 1);
  }
  const known = ending.kind === "missed" ? ({ kind: "exited", exitCode: undefined } as const) : ending;
  environment.noteMemory(done.remarks.maxMemoryBytes);
  const lines = reportLines(done, { requestId, version, maxMemoryBytes: environment.maxMemoryBytes, now: parts.platform.now() });
  const written = environment.output.finish(requestId, lines, done.remarks.output);
  if (!survives(known)) void written.then(() => parts.containers.end(environment));
  return {
    payload: payloadOf(known, requestId, version),
    isError: known.kind !== "answered",
    logTail: request.wantsTail ? await written : undefined,
    logged: async () => {
      await written;
      await parts.writer.flush();
    },
  };
};

/** `Root=1-<seconds>-<96 bits>;Parent=<64 bits>;Sampled=0` */
const traceIdOf = ({ now, newId }: Pick<Platform, "now" | "newId">): string => {
  const random = newId().replaceAll("-", "");
  const seconds = Math.floor(now() / 1000)
    .toString(16)
    .padStart(8, "0");
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(16, 32)};Sampled=0`;
};
