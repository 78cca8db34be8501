import type { Expression, Value } from "./expression.ts";

export type CallOptions<Current, Result, Out> = {
  /** What goes on to the next state; by default the result. */
  output?: (result: Expression<Result>, input: Expression<Current>) => Out;
  /** Seconds. */
  timeout?: number;
};

export type Given<Current, Sent> = {
  /** What is handed over; by default the state's input. */
  input: (input: Expression<Current>) => Value<Sent>;
};

/** The variables of a container. */
export type Environment = Readonly<Record<string, Value<string>>>;

export type TaskStateOptions<Current> = {
  environment?: Environment | ((input: Expression<Current>) => Environment);
  command?: Value<readonly string[]> | ((input: Expression<Current>) => Value<readonly string[]>);
  timeout?: number;
};

export type MapOptions = {
  /** How many flows run at once; by default as many as there are items. */
  concurrency?: number;
  /** Each item becomes an execution of its own. Datasets and batches are distributed anyway. */
  distributed?: boolean;
  /** The executions of a distributed Map are Express ones. */
  express?: boolean;
  /** A distributed Map succeeds nevertheless if no more than so many items fail. */
  toleratedFailures?: number;
  /** Per cent. */
  toleratedFailurePercentage?: number;
};

export type WrittenResults = { MapRunArn: string; ResultWriterDetails: { Bucket: string; Key: string } };

/** Options of a call whose types have been checked. */
export type AnyCallOptions = {
  input?: (input: Expression<unknown>) => unknown;
  output?: (result: Expression<unknown>, input: Expression<unknown>) => unknown;
  timeout?: number;
};
