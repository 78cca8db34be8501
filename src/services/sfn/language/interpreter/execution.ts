import type { JsonObject } from "../json.ts";
import type { MapRunSpec } from "./map-run-spec.ts";
import type { TaskResource } from "../resource.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** A JSON text, as it goes into the history: data that no state changes stays exactly as it came. */
export type JsonText = string;

/** What an execution is started with; the source of `$$.Execution` and `$$.StateMachine`. */
export type Origin = {
  readonly executionArn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly stateMachineAliasArn?: string;
  readonly stateMachineVersionArn?: string;
  readonly region: string;
  readonly input: JsonText;
  /** The scope to run: 0, or the item processor's for a child of a map run. */
  readonly scope?: number;
  /** The item of the distributed Map that a tested state is inside of. */
  readonly item?: JsonObject;
  /** Variables to begin with, and a context object to show instead of the execution's own: for tests of a single state. */
  readonly variables?: JsonObject;
  readonly context?: JsonObject;
  /** The longest that an execution of its type may take: 5 minutes for Express, a year for Standard. */
  readonly maxSeconds?: number;
  /** Events that the history may have; Express executions have no limit. */
  readonly historyLimit?: number;
};

/**
 * An execution as it is persisted: plain JSON, and everything there is to know. A step gives a new value that shares
 * what it did not touch, so a driver can find what to write by comparing threads by identity.
 */
export type Execution = {
  readonly format: 1;
  readonly status: ExecutionStatus;
  readonly origin: Origin;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  /** When the state machine's TimeoutSeconds end it, in milliseconds. */
  readonly deadline: number | undefined;
  readonly lastEventId: number;
  readonly nextThread: number;
  readonly redriveCount: number;
  readonly redrivenAt: number | undefined;
  /** The tokens of the last redrives that had one, and when those were. */
  readonly redriveTokens?: readonly { readonly clientToken: string; readonly at: number }[];
  readonly threads: Readonly<Record<string, Thread>>;
  /** The items of each running inline Map by its thread: a JSON text for each item. */
  readonly items: Readonly<Record<string, readonly JsonText[]>>;
  readonly output: JsonText | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
};

/** One flow through the states of a scope: the execution's own, a branch's or an iteration's. */
export type Thread = {
  readonly id: string;
  readonly parent: string | undefined;
  /** The branch or iteration that this is. */
  readonly index: number;
  readonly scope: number;
  readonly state: string;
  /** The input that the state was entered with. */
  readonly input: JsonText;
  readonly variables: JsonObject;
  readonly lastEventId: number;
  readonly enteredEventId: number;
  readonly enteredAt: number;
  readonly retryCount: number;
  /** How often each retrier of the state has been used. */
  readonly retries: readonly number[];
  readonly phase: Phase;
};

/** Where a thread is within its state, or was when it was stopped. */
export type Phase = Active | { readonly kind: "failed"; readonly was: Active } | { readonly kind: "aborted"; readonly was: Active };

export type Active =
  /** An iteration whose input is still to be selected. */
  | { readonly kind: "beginning" }
  | { readonly kind: "arriving" }
  | { readonly kind: "running" }
  | { readonly kind: "waiting"; readonly until: number }
  | { readonly kind: "backingOff"; readonly until: number }
  | { readonly kind: "task"; readonly task: PendingTask }
  | { readonly kind: "branches"; readonly count: number; readonly done: number; readonly startedEventId: number }
  | Iterating
  | { readonly kind: "mapRun"; readonly run: PendingMapRun }
  | { readonly kind: "done"; readonly output: JsonText };

export type Iterating = {
  readonly kind: "iterating";
  readonly count: number;
  readonly next: number;
  readonly done: number;
  readonly concurrency: number;
  readonly startedEventId: number;
};

/** A task that has been scheduled; its key is unique within the execution. */
export type PendingTask = {
  readonly key: string;
  /** Of a task that others answer, or whose job is waited for. */
  readonly token: string | undefined;
  readonly resource: TaskResource;
  readonly input: JsonText;
  readonly credentials: JsonObject | undefined;
  readonly started: boolean;
  readonly timeoutAt: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly heartbeatAt: number | undefined;
};

export type PendingMapRun = { readonly key: string; readonly spec: MapRunSpec; readonly mapRunArn: string | undefined };
