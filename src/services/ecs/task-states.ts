/** The states of a task, in the only direction it goes. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export const taskStates = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
] as const;

export type TaskState = (typeof taskStates)[number];

type StopCode = "EssentialContainerExited" | "UserInitiated" | "TaskFailedToStart";

/** Why a task is to end; the first reason stays. */
export type Stop = { code: StopCode; reason: string; at: number };

const rank = (state: TaskState): number => taskStates.indexOf(state);

export const isBefore = (state: TaskState, other: TaskState): boolean => rank(state) < rank(other);

/** The later of two states: what was seen late never takes a task back. */
export const later = (state: TaskState, other: TaskState): TaskState => (isBefore(state, other) ? other : state);
