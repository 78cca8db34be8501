import type { ContainerSpec, TaskSpec } from "../engine.ts";

/** Labels are all that survives of a task but its containers, so they say everything that a restarted cloud must know. */
export const label = {
  cloud: "tandem.cloud",
  task: "tandem.task",
  kind: "tandem.kind",
  container: "tandem.container",
  /** All containers of the task, created or not, in their order. */
  containers: "tandem.containers",
  dependsOn: "tandem.depends-on",
  stopTimeout: "tandem.stop-timeout",
  /** The id of the container whose network the task's containers share: this is how a pre-made sandbox is claimed. */
  sandbox: "tandem.sandbox",
  address: "tandem.address",
  ports: "tandem.ports",
  /** `cpuUnits/memoryBytes` that the task reserves. */
  reserves: "tandem.reserves",
  role: "tandem.role",
  /** The process that made a sandbox. */
  process: "tandem.process",
  own: "tandem.label.",
} as const;

export type Reservation = { cpuUnits: number; memoryBytes: number };

const reservationOf = (task: Pick<TaskSpec, "containers" | "limits">): Reservation => {
  const sum = (of: (container: ContainerSpec) => number): number => task.containers.reduce((total, container) => total + of(container), 0);
  return {
    cpuUnits: task.limits?.cpuUnits ?? sum(({ limits }) => limits?.cpuUnits ?? 0),
    memoryBytes: task.limits?.memoryBytes ?? sum(({ limits }) => limits?.memoryReservationBytes ?? limits?.memoryBytes ?? 0),
  };
};

export const parseReservation = (text: string | undefined): Reservation => {
  const [cpuUnits = 0, memoryBytes = 0] = (text ?? "").split("/").map(Number);
  return { cpuUnits: cpuUnits || 0, memoryBytes: memoryBytes || 0 };
};

export const taskLabels = (task: TaskSpec, cloudId: string): Record<string, string> => {
  const reserves = reservationOf(task);
  return {
    ...Object.fromEntries(Object.entries(task.labels).map(([name, value]) => [label.own + name, value])),
    [label.cloud]: cloudId,
    [label.task]: task.id,
    [label.kind]: task.kind,
    [label.containers]: task.containers.map((container) => container.name).join(","),
    [label.reserves]: `${reserves.cpuUnits}/${reserves.memoryBytes}`,
  };
};

export const ownLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (name.startsWith(label.own) ? [[name.slice(label.own.length), value]] : [])),
  );

export const splitNames = (text: string | undefined): string[] => (text ?? "").split(",").filter((name) => name !== "");
