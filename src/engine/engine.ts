/**
 * What every compute engine does. A task is one or more containers that share a network namespace and start and end together.
 * Calls are idempotent and keyed by the task's id: after a crash the caller says again what it wants, and the engine goes on.
 */
export type Engine = {
  readonly name: string;
  /** What the machine or cluster has, and what the tasks of this cloud reserve of it. */
  capacity(): Promise<Capacity>;
  /**
   * Takes every step toward running `task` that is possible now (sandbox, then each container whose dependencies are met) and answers
   * with what it sees. Call it again whenever the task changes until all containers have started; a task that already runs is left alone.
   * It pulls no image.
   * @throws EngineError code `ImageNotFound`, `StartFailed`, `Unavailable`
   */
  run(task: TaskSpec): Promise<TaskStatus>;
  /** SIGTERM (or the container's stop signal), the grace time, SIGKILL; the containers stay to be inspected until `remove`. */
  stop(taskId: string, grace: { seconds: number }): Promise<void>;
  /** Removes the task's containers and sandbox, running or not. Nothing to remove is no error. */
  remove(taskId: string): Promise<void>;
  inspect(taskId: string): Promise<TaskStatus | undefined>;
  /** Every task of this cloud that the engine knows, whoever started it: what a restarted cloud adopts. */
  list(): Promise<TaskStatus[]>;
  /** Tells the id of each task that changed, more often than needed rather than less. */
  watch(changed: (taskId: string) => void): Disposable;
  /** A container's output from its start (or after `since`), each line once and in order, until the container is gone or `signal` aborts. */
  logs(taskId: string, container: string, options: { since?: LogPosition; follow: boolean; signal?: AbortSignal }): AsyncIterable<LogLine>;
  /** Runs a command in a running container and answers with its output, at most 1 MiB of each stream. */
  exec(taskId: string, container: string, command: readonly string[]): Promise<ExecResult>;
  /** Stops the task's processes where they are, without a signal; `thaw` lets them go on. */
  freeze(taskId: string): Promise<void>;
  thaw(taskId: string): Promise<void>;
  /** Changes the limits of a running container, as when an idle sandbox is given a function's memory. */
  resize(taskId: string, container: string, limits: Limits): Promise<void>;
  /** The images that the engine holds. */
  readonly images: Images;
  /** Lets go of connections; running tasks run on. */
  close(): Promise<void>;
};

export type Images = {
  /** The id of a local image (`sha256:…`), or undefined. */
  find(reference: string): Promise<string | undefined>;
  /** @throws EngineError code `ImageNotFound` or `PullFailed` */
  pull(reference: string, credentials?: RegistryCredentials): Promise<void>;
  /** Builds a Dockerfile; `progress` gets the builder's own lines. Answers with the image's id. @throws EngineError code `BuildFailed` */
  build(build: ImageBuild, progress: (line: string) => void): Promise<string>;
  /** @throws EngineError code `PushFailed` */
  push(reference: string, credentials: RegistryCredentials | undefined, progress: (line: string) => void): Promise<{ digest: string }>;
  tag(source: string, reference: string): Promise<void>;
  remove(reference: string): Promise<void>;
};

export type RegistryCredentials = { username: string; password: string };

export type ImageBuild = {
  /** Absolute path of the folder that is the build context; its `.dockerignore` is honoured. */
  contextPath: string;
  /** Relative to the context; `Dockerfile` by default. */
  dockerfile?: string;
  tag: string;
  arguments?: Readonly<Record<string, string>>;
  target?: string;
};

export type Capacity = {
  cpuUnits: number;
  memoryBytes: number;
  reservedCpuUnits: number;
  reservedMemoryBytes: number;
};

export type TaskSpec = {
  /** Letters, digits, `-`, `_` and `.`, and not starting with a sign: it becomes part of names. */
  id: string;
  /** What the task is for: `ecs-task`, `function`, `build`. It becomes a label. */
  kind: string;
  /** Further labels, without the prefix that marks them as ours. */
  labels: Readonly<Record<string, string>>;
  containers: readonly ContainerSpec[];
  limits?: Limits;
  /** `sandbox`: the cloud's bridge network, with DNS and credentials; `none`: loopback only; `host`: the machine's own network. */
  network: "sandbox" | "none" | "host";
  /** Names that resolve inside the task besides DNS. */
  hosts?: Readonly<Record<string, string>>;
  /** Published ports, on the bind address of the cloud. */
  ports?: readonly PortMapping[];
};

export type ContainerSpec = {
  name: string;
  image: string;
  /** Essential: when it ends, the task ends. */
  essential: boolean;
  entryPoint?: readonly string[];
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  workingDirectory?: string;
  user?: string;
  limits?: Limits;
  mounts?: readonly Mount[];
  dependsOn?: readonly { container: string; condition: "START" | "COMPLETE" | "SUCCESS" | "HEALTHY" }[];
  healthCheck?: HealthCheck;
  readOnlyRootFilesystem?: boolean;
  stopSignal?: string;
  stopTimeoutSeconds?: number;
  /** Linux capabilities added to or dropped from the small default set; `privileged` is never granted. */
  capabilities?: { add?: readonly string[]; drop?: readonly string[] };
  ulimits?: readonly { name: string; soft: number; hard: number }[];
  /** Runs an init process first, which passes signals on and reaps children. */
  hasInit?: boolean;
  interactive?: boolean;
  pseudoTerminal?: boolean;
  /** Size in bytes of the writable `/tmp` that is kept in memory; absent: `/tmp` is on the container's own disk. */
  temporaryBytes?: number;
};

export type Limits = {
  /** 1,024 units are one core. As a share it is soft; with `cpuIsHard` it is a quota. */
  cpuUnits?: number;
  cpuIsHard?: boolean;
  memoryBytes?: number;
  memoryReservationBytes?: number;
  pids?: number;
};

/** A file or folder of the machine, or a volume that lives as long as the task and that its containers share. */
export type Mount = { source: string; target: string; readOnly: boolean } | { volume: string; target: string; readOnly: boolean };

export type PortMapping = { containerPort: number; hostPort?: number; protocol: "tcp" | "udp" };

export type HealthCheck = {
  command: readonly string[];
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  startPeriodSeconds: number;
};

export type TaskStatus = {
  id: string;
  kind: string;
  labels: Readonly<Record<string, string>>;
  /** The sandbox's address on the cloud's network. */
  address: string | undefined;
  /** Host ports by container port, for `10.0.0.1:32768 -> 80/tcp`. */
  ports: readonly Required<PortMapping>[];
  containers: readonly ContainerStatus[];
};

export type ContainerStatus = {
  name: string;
  runtimeId: string;
  /** `waiting`: not created yet, its dependencies are not met; with a `reason`, they never will be. */
  state: "waiting" | "created" | "running" | "frozen" | "exited";
  exitCode?: number;
  /** Why it ended or could not start, in the words that ECS uses: `OutOfMemoryError: Container killed due to memory usage`, `CannotStartContainerError: …`. */
  reason?: string;
  health: "none" | "starting" | "healthy" | "unhealthy";
  imageDigest?: string;
  startedAt?: number;
  finishedAt?: number;
};

/** Where reading goes on: after the first `lines` lines since `timestamp` (microseconds). */
export type LogPosition = { timestamp: number; lines: number };

/** `timestamp` in milliseconds; `text` without its line end; `position` is just after the line. */
export type LogLine = { timestamp: number; stream: "stdout" | "stderr"; text: string; position: LogPosition };

export type ExecResult = { exitCode: number; stdout: Buffer; stderr: Buffer };

export type EngineErrorCode = "ImageNotFound" | "PullFailed" | "PushFailed" | "StartFailed" | "BuildFailed" | "NotFound" | "Unavailable";

/** What an engine refuses or can't do; `message` is the engine's own. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineError";
    this.code = code;
  }
}

/** Where the containers of a cloud find it: what the composition root tells an engine. */
export type EngineSettings = {
  /** Marks what belongs to this cloud; the data folder's own id, so that a restart finds its containers and no other cloud's. */
  cloudId: string;
  /** Folder for files that containers mount: the CA bundle and the code of functions. */
  dataPath: string;
  /** Address to which published ports are bound. */
  bindAddress: string;
};
