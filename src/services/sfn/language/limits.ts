/** Quotas of Step Functions (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). */
export const limits = {
  /** Input or output of a task, state or execution, in UTF-8 bytes. */
  payloadBytes: 262_144,
  /** Events in the history of a Standard execution, the closing one included. */
  historyEvents: 25_000,
  definitionBytes: 1_048_576,
  stateNameLength: 80,
  variableNameLength: 80,
  /** All variables that an execution keeps. */
  variablesBytes: 10_485_760,
  labelLength: 40,
  /** Tokens of redrives that are remembered. */
  redriveTokens: 10,
  /** The longest wait, timeout or heartbeat that a definition may state. */
  seconds: 99_999_999,
  retryMaxDelaySeconds: 31_622_400,
  /** Characters that the encoding and hashing intrinsics take. */
  intrinsicText: 10_000,
  rangeElements: 1_000,
  intrinsicNesting: 10,
  inlineMapConcurrency: 40,
  distributedMapConcurrency: 10_000,
  readerItems: 100_000_000,
  /** One item of a dataset, before its ItemSelector makes it small enough for a child execution. */
  readerItemBytes: 8_388_608,
  /** One object of a dataset, after decompression. */
  readerObjectBytes: 10_737_418_240,
  csvHeaderBytes: 10_240,
  itemsPointerLength: 2_000,
  /** Where in the object the array that an ItemsPointer names must have begun. */
  itemsPointerReach: 16_777_216,
  parquetFooterBytes: 5_242_880,
  parquetRowGroupBytes: 268_435_456,
  /** How long a Parquet file may be decoded without asking for bytes or giving rows, and in how much memory: ours, not AWS's. */
  parquetMilliseconds: 60_000,
  parquetMebibytes: 2_048,
  /** Deepest nesting of Parallel and Map states that is accepted. */
  nesting: 100,
  /** Values that a JSONPath may find, at each of its steps. */
  pathNodes: 500_000,
  /** Evaluation of one JSONata expression. */
  jsonataMilliseconds: 2_000,
  jsonataDepth: 100,
  jsonataSequence: 873_782,
  /** Characters of a text: AWS takes 4,194,304 and refuses 8,388,608 (floci-io/floci, issue 2737). */
  jsonataText: 6_990_256,
} as const;
