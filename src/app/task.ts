import { AppError } from "./app-error.ts";
import { declare } from "./declarations.ts";
import type { TaskImage } from "./declarations.ts";
import { reference, runningFunction } from "./reference.ts";
import type { Reference } from "./reference.ts";
import type { Usable } from "./usable.ts";

export type TaskOptions = {
  /** The program's arguments, in place of the image's. */
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** 1,024 units are one core. */
  cpu?: number;
  /** MiB, a hard limit. */
  memory?: number;
  /** MiB that are set aside. */
  memoryReservation?: number;
  /** The resources that it may reach; by default all of the app. */
  uses?: readonly Usable[];
} & (
  | {
      /** A folder with a Dockerfile, relative to the app's file. */
      build: string | { context: string; dockerfile?: string; arguments?: Readonly<Record<string, string>> };
    }
  | {
      /** An image of a registry, as `docker pull` names it. */
      image: string;
    }
);

export type RunOptions = {
  environment?: Readonly<Record<string, string>>;
  overrides?: { command?: readonly string[]; cpu?: number; memory?: number };
};

export type StartedTask = { taskArn: string };

/** A container that functions start when there is work for it, and that runs to its own end. */
export class Task {
  readonly name: string;
  /** The ARN of the task definition. */
  readonly taskDefinition: Reference;
  /** The ARN of the cluster that it runs in. */
  readonly cluster: Reference;
  /** The ids of the subnets that it may run in, with commas between. */
  readonly subnets: Reference;

  constructor(name: string, options: TaskOptions) {
    this.name = name;
    this.taskDefinition = reference(name, "taskDefinition");
    this.cluster = reference(name, "cluster");
    this.subnets = reference(name, "subnets");
    const { command, environment = {}, cpu, memory, memoryReservation, uses } = options;
    declare({
      kind: "task",
      name,
      image: imageOf(name, options),
      command,
      environment,
      cpuUnits: cpu,
      memoryMib: memory,
      memoryReservationMib: memoryReservation,
      uses: uses?.map((each) => each.name),
    });
  }

  /** Starts the task from a function, and returns as soon as it is accepted. */
  async run(options: RunOptions = {}): Promise<StartedTask> {
    if (runningFunction() === undefined)
      throw new AppError(`task "${this.name}": run() starts a task from within a function; the app's file itself only declares.`);
    const { runTask } = await import("./run-task.ts");
    return runTask(
      {
        name: this.name,
        taskDefinition: this.taskDefinition.get(),
        cluster: this.cluster.get(),
        subnets: this.subnets.get().split(",").filter(Boolean),
      },
      options,
    );
  }
}

const imageOf = (name: string, options: TaskOptions): TaskImage => {
  if ("image" in options && options.image) return { kind: "image", reference: options.image };
  if (!("build" in options) || !options.build)
    throw new AppError(`task "${name}": say where its image comes from: \`build\` (a folder with a Dockerfile) or \`image\`.`);
  const build = typeof options.build === "string" ? { context: options.build } : options.build;
  return { kind: "build", path: build.context, dockerfile: build.dockerfile ?? "Dockerfile", arguments: build.arguments ?? {} };
};
