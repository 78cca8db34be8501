import type { State } from "../language/definition.ts";
import type { ExecutionStatus } from "../language/interpreter/execution.ts";

/** What became of a state. RETRYING: it failed, and waits to be run again. CAUGHT: it failed, and a catcher led on. */
export type NodeStatus = "NOT_REACHED" | "RUNNING" | "WAITING" | "RETRYING" | "SUCCEEDED" | "CAUGHT" | "FAILED" | "ABORTED";

/** An execution drawn over its state machine. Times are milliseconds since the epoch; inputs and outputs are JSON texts. */
export type WorkflowGraph = {
  execution: ExecutionHead;
  scope: ScopeGraph;
  /** The texts of inputs and outputs were too many: some are left out. */
  isDataCut?: true;
};

/** An execution as it stands in a list. */
export type ListedExecution = {
  executionArn: string;
  stateMachineArn: string;
  stateMachine: string;
  name: string;
  status: ExecutionStatus;
  startedAt: number;
  stoppedAt?: number;
  redriveCount: number;
};

export type ExecutionHead = ListedExecution & {
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
};

/** States that refer to each other by name: the machine's own, those of a branch, or of a Map's processor. */
export type ScopeGraph = {
  /** Where in the definition: empty for the machine itself, `/States/Pack/Branches/0`. */
  path: string;
  startAt: string;
  states: StateNode[];
  edges: Edge[];
};

/**
 * A state. Where it was visited more than once, in a loop or in the iterations of a Map, `counts` tells of each flow's last visit, and times, data and
 * error are those of the latest visit that is in the node's status.
 */
export type StateNode = {
  name: string;
  path: string;
  type: State["type"];
  status: NodeStatus;
  /** How often it was entered, in all. */
  entered: number;
  retries: number;
  counts: Partial<Record<NodeStatus, number>>;
  /** What a Task calls. */
  resource?: string;
  /** Ids of the history events that hold its input and its output. */
  enteredEventId?: number;
  exitedEventId?: number;
  enteredAt?: number;
  exitedAt?: number;
  /** Until when a Wait, or the pause before a retry, lasts. */
  until?: number;
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  branches?: ScopeGraph[];
  processor?: ScopeGraph;
  iterations?: Iterations;
  /** A distributed Map: its iterations are executions of their own. */
  mapRunArn?: string;
};

/** What became of the iterations of a Map; those that are in none of the states have not begun. */
export type Iterations = { total: number; running: number; succeeded: number; failed: number; aborted: number };

export type Edge = {
  from: string;
  to: string;
  kind: "next" | "choice" | "default" | "catch";
  /** The conditions of the rules, or the errors of the catchers, that lead there. */
  labels: string[];
  /** How often it was taken. */
  taken: number;
};

/** All nodes, those inside of others right after them. */
export const nodesOf = ({ states }: ScopeGraph): StateNode[] =>
  states.flatMap((node) => [node, ...[...(node.branches ?? []), ...(node.processor ? [node.processor] : [])].flatMap(nodesOf)]);
