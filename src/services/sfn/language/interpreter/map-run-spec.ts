import type { Json, JsonObject } from "../json.ts";
import type { InputType } from "../definition.ts";

/** Everything that a map run needs of its Map state, evaluated once; the run goes on without looking at the parent. */
export type MapRunSpec = {
  /** Where the Map state stands, for its ItemSelector. */
  readonly scope: number;
  readonly state: string;
  /** The scope that child executions run. */
  readonly processor: number;
  readonly executionType: "STANDARD" | "EXPRESS";
  readonly label: string | undefined;
  /** Child executions at once; 0 is as many as there may be. */
  readonly concurrency: number;
  /** Left out where the state does not give it; if neither is given, no failure is tolerated. */
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
  /** A JSON text of the array to go through, where no reader brings the items. */
  readonly items: string | undefined;
  readonly reader: ReaderSpec | undefined;
  readonly batcher: BatcherSpec | undefined;
  readonly writer: WriterSpec | undefined;
  /** What the ItemSelector sees besides the item. */
  readonly view: { readonly input: Json; readonly effectiveInput: Json; readonly variables: JsonObject; readonly context: JsonObject };
};

export type ReaderSpec = {
  readonly resource: string;
  readonly arguments: Json;
  readonly inputType: InputType | undefined;
  readonly headerLocation: "FIRST_ROW" | "GIVEN" | undefined;
  readonly headers: readonly string[] | undefined;
  readonly delimiter: string;
  readonly maxItems: number | undefined;
  readonly manifestType: "S3_INVENTORY" | "ATHENA_DATA" | undefined;
  readonly itemsPointer: string | undefined;
  readonly loadAndFlatten: boolean;
};

export type BatcherSpec = {
  readonly maxItems: number | undefined;
  readonly maxBytes: number | undefined;
  readonly batchInput: Json | undefined;
};

export type WriterSpec = {
  readonly resource: string | undefined;
  readonly arguments: Json | undefined;
  readonly transformation: "NONE" | "COMPACT" | "FLATTEN";
  readonly outputType: "JSON" | "JSONL";
};
