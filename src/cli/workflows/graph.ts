/** What `/_tandem/workflows` answers. Times are milliseconds since the epoch, inputs and outputs JSON texts. */
export type ListedExecution = {
  executionArn: string;
  stateMachineArn: string;
  stateMachine: string;
  name: string;
  status: string;
  startedAt: number;
  stoppedAt?: number;
};

export type NodeStatus = "NOT_REACHED" | "RUNNING" | "WAITING" | "RETRYING" | "SUCCEEDED" | "CAUGHT" | "FAILED" | "ABORTED";

type Data = { input?: string; output?: string; error?: string; cause?: string };

export type StateNode = Data & {
  name: string;
  type: string;
  status: NodeStatus;
  entered: number;
  retries: number;
  resource?: string;
  enteredAt?: number;
  exitedAt?: number;
  until?: number;
  branches?: ScopeGraph[];
  processor?: ScopeGraph;
  iterations?: Iterations;
  mapRunArn?: string;
};

export type Iterations = { total: number; running: number; succeeded: number; failed: number; aborted: number };

export type Edge = { from: string; to: string; kind: "next" | "choice" | "default" | "catch"; labels: string[]; taken: number };

export type ScopeGraph = { path: string; startAt: string; states: StateNode[]; edges: Edge[] };

export type WorkflowGraph = { execution: ListedExecution & Data & { redriveCount: number }; scope: ScopeGraph };

/** All states, those inside of others right after them. */
export const statesOf = ({ states }: ScopeGraph): StateNode[] =>
  states.flatMap((state) => [state, ...[...(state.branches ?? []), ...(state.processor ? [state.processor] : [])].flatMap(statesOf)]);
