import type { State } from "../definition.ts";

type StateType = State["type"];

const set = (...lines: string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(" ")));

const common = "Type Comment QueryLanguage";
const onward = "Next End Assign Output InputPath OutputPath";
const guarded = "ResultPath Parameters ResultSelector Retry Catch";
const tolerated = "ToleratedFailurePercentage ToleratedFailurePercentagePath ToleratedFailureCount ToleratedFailureCountPath";

/** The fields that only a distributed Map may have. */
export const distributedFields = set(tolerated, "ItemReader ItemBatcher ResultWriter Label");

/** The fields of each type of state. */
export const fieldsOf: Readonly<Record<StateType, ReadonlySet<string>>> = {
  Pass: set(common, onward, "ResultPath Parameters Result"),
  Succeed: set(common, "InputPath OutputPath Output"),
  Fail: set(common, "Error ErrorPath Cause CausePath"),
  Wait: set(common, onward, "Seconds SecondsPath Timestamp TimestampPath"),
  Choice: set(common, "InputPath OutputPath Choices Default Assign Output"),
  Task: set(
    common,
    onward,
    guarded,
    "Arguments Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath",
  ),
  Parallel: set(common, onward, guarded, "Arguments Branches"),
  Map: set(
    common,
    onward,
    guarded,
    "ItemsPath Items ItemSelector ItemProcessor Iterator MaxConcurrency MaxConcurrencyPath",
    "ItemReader ItemBatcher ResultWriter Label",
    tolerated,
  ),
};

export const stateTypes = Object.keys(fieldsOf) as StateType[];

/** Fields that only a JSONPath state may have. */
export const jsonPathOnly = set(
  "InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath SecondsPath TimestampPath TimeoutSecondsPath",
  "HeartbeatSecondsPath MaxConcurrencyPath ErrorPath CausePath MaxItemsPath ToleratedFailurePercentagePath",
  "ToleratedFailureCountPath MaxItemsPerBatchPath MaxInputBytesPerBatchPath",
);

/** Fields that only a JSONata state may have. */
export const jsonataOnly = set("Arguments Output Items Condition");

export const machineFields = set("Comment QueryLanguage StartAt States TimeoutSeconds Version");
export const branchFields = set("Comment StartAt States");
export const processorFields = set("Comment StartAt States ProcessorConfig");
export const retrierFields = set("Comment ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy");
export const catcherFields = set("Comment ErrorEquals Next ResultPath Assign Output");
