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
  variables?: JsonText;
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  errorDetails?: { catchIndex?: number; retryIndex?: number; retryBackoffIntervalSeconds?: number };
};
