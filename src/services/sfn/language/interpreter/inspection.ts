import type { JsonText } from "./execution.ts";

/** What a state's data was at each stage of its flow, as TestState shows it; a stage that the state does not have is left out. */
export type Inspection = {
  input?: JsonText;
  afterInputPath?: JsonText;
  afterParameters?: JsonText;
  afterArguments?: JsonText;
  result?: JsonText;
  afterResultSelector?: JsonText;
  afterResultPath?: JsonText;
  afterItemsPath?: JsonText;
  afterItemsPointer?: JsonText;
  afterItemSelector?: JsonText;
  afterItemBatcher?: JsonText;
  variables?: JsonText;
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  /** How many items a Map goes through. */
  items?: number;
  /** What the state failed with, whether or not that was retried or caught. */
  failure?: { error?: string; cause?: string };
  errorDetails?: { catchIndex?: number; retryIndex?: number; retryBackoffIntervalSeconds?: number };
};
