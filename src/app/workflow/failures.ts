import { expression, toTemplate } from "./expression.ts";
import type { Expression, Json } from "./expression.ts";

/** What is known of an error that was caught. */
export type ErrorOutput = { Error: string; Cause: string };

export type RetryOptions = {
  /** Names of errors; by default all. */
  errors?: readonly string[];
  /** How often it is tried again; 3 by default. */
  attempts?: number;
  /** Seconds before the first new attempt; 1 by default. */
  interval?: number;
  /** By how much the interval grows each time; 2 by default. */
  backoff?: number;
  /** Seconds that no interval exceeds. */
  maxDelay?: number;
  /** Spreads the attempts, where many fail at once. */
  jitter?: boolean;
};

export const retrier = ({ errors = ["States.ALL"], attempts, interval, backoff, maxDelay, jitter }: RetryOptions): Json =>
  toTemplate({
    ErrorEquals: errors,
    MaxAttempts: attempts,
    IntervalSeconds: interval,
    BackoffRate: backoff,
    MaxDelaySeconds: maxDelay,
    JitterStrategy: jitter === true ? "FULL" : undefined,
  });

export type CatchOptions<Caught> = {
  /** Names of errors; by default all. */
  errors?: readonly string[];
  /** What the flow is given; by default the error alone. */
  output?: (error: Expression<ErrorOutput>) => Caught;
};

export const catcher = <Caught>({ errors = ["States.ALL"], output }: CatchOptions<Caught>): Record<string, Json> => ({
  ErrorEquals: errors,
  ...(output ? { Output: toTemplate(output(expression("$states.errorOutput"))) } : {}),
});
