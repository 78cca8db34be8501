import type { Expression } from "./intrinsics/parse.ts";
import type { Json } from "./json.ts";
import type { Query } from "./jsonata/expression.ts";
import type { QueryTemplate } from "./jsonata/template.ts";
import type { ReferencePath } from "./path/reference.ts";
import type { TaskResource } from "./resource.ts";
import type { CheckTaskInput } from "./task-check.ts";
import type { Template } from "./template.ts";

export type QueryLanguage = "JSONPath" | "JSONata";

/** A parsed definition: its paths, templates and expressions are read once, here. */
export type Machine = {
  readonly timeoutSeconds: number | undefined;
  /** The root's states first, then those of each branch and item processor, in the order of the definition. */
  readonly scopes: readonly Scope[];
  /** What the platform asks of the input of each task. */
  readonly checkTaskInput?: CheckTaskInput | undefined;
};

/** States that refer to each other by name: the root, a branch of a Parallel, the processor of a Map. */
export type Scope = {
  readonly id: number;
  readonly location: string;
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
};

/** JSON with expressions in it, in either language. */
export type Payload =
  | { readonly language: "JSONPath"; readonly template: Template }
  | { readonly language: "JSONata"; readonly template: QueryTemplate };

/** The value of a field that may be written out, read from a path (`SecondsPath`) or be a JSONata expression. */
export type Field<T extends Json> =
  | { readonly kind: "literal"; readonly value: T }
  | { readonly kind: "path"; readonly field: string; readonly expression: Expression }
  | { readonly kind: "query"; readonly query: Query };

/** How data flows through a state. A path left out stands for `$`; null discards. */
export type Flow = {
  readonly inputPath: Expression | null | undefined;
  readonly resultPath: ReferencePath | null | undefined;
  readonly outputPath: Expression | null | undefined;
  /** Parameters or Arguments. */
  readonly arguments: Payload | undefined;
  readonly resultSelector: Payload | undefined;
  readonly output: Payload | undefined;
  readonly assign: Payload | undefined;
};

export type Retrier = {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly fullJitter: boolean;
};

export type Catcher = {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly resultPath: ReferencePath | null | undefined;
  readonly output: Payload | undefined;
  readonly assign: Payload | undefined;
};

type Common = { readonly name: string; readonly location: string; readonly language: QueryLanguage; readonly flow: Flow };
/** Where a state leads; `undefined` ends its scope. */
type Onward = { readonly next: string | undefined };
type Guarded = { readonly retry: readonly Retrier[]; readonly catch: readonly Catcher[] };

export type PassState = Common & Onward & { readonly type: "Pass"; readonly result: { readonly value: Json } | undefined };
export type SucceedState = Common & { readonly type: "Succeed" };
export type FailState = Common & {
  readonly type: "Fail";
  readonly error: Field<string> | undefined;
  readonly cause: Field<string> | undefined;
};
export type WaitState = Common &
  Onward & { readonly type: "Wait"; readonly seconds: Field<number> | undefined; readonly timestamp: Field<string> | undefined };
export type ChoiceState = Common & { readonly type: "Choice"; readonly rules: readonly Rule[]; readonly default: string | undefined };
export type TaskState = Common &
  Onward &
  Guarded & {
    readonly type: "Task";
    readonly resource: TaskResource;
    readonly timeoutSeconds: Field<number> | undefined;
    readonly heartbeatSeconds: Field<number> | undefined;
    readonly credentials: Payload | undefined;
  };
export type ParallelState = Common & Onward & Guarded & { readonly type: "Parallel"; readonly branches: readonly number[] };
export type MapState = Common &
  Onward &
  Guarded & {
    readonly type: "Map";
    readonly processor: number;
    readonly items: Field<readonly Json[]> | undefined;
    /** `Items` of a JSONata state when it is more than one expression. */
    readonly itemsPayload: Payload | undefined;
    readonly itemSelector: Payload | undefined;
    readonly maxConcurrency: Field<number> | undefined;
    readonly distributed: Distributed | undefined;
  };

/** What only a distributed Map has. */
export type Distributed = {
  readonly executionType: "STANDARD" | "EXPRESS";
  readonly label: string | undefined;
  readonly toleratedFailureCount: Field<number> | undefined;
  readonly toleratedFailurePercentage: Field<number> | undefined;
  readonly reader: ItemReader | undefined;
  readonly batcher: ItemBatcher | undefined;
  readonly writer: ResultWriter | undefined;
};

export type InputType = "CSV" | "JSON" | "JSONL" | "PARQUET" | "MANIFEST";
export type ItemReader = {
  readonly resource: string;
  readonly arguments: Payload | undefined;
  readonly inputType: InputType | undefined;
  readonly headerLocation: "FIRST_ROW" | "GIVEN" | undefined;
  readonly headers: readonly string[] | undefined;
  readonly delimiter: "COMMA" | "PIPE" | "SEMICOLON" | "SPACE" | "TAB";
  readonly maxItems: Field<number> | undefined;
  readonly manifestType: "S3_INVENTORY" | "ATHENA_DATA" | undefined;
  readonly itemsPointer: string | undefined;
  readonly loadAndFlatten: boolean;
};
export type ItemBatcher = {
  readonly maxItemsPerBatch: Field<number> | undefined;
  readonly maxInputBytesPerBatch: Field<number> | undefined;
  readonly batchInput: Payload | undefined;
};
export type ResultWriter = {
  readonly resource: string | undefined;
  readonly arguments: Payload | undefined;
  readonly transformation: "NONE" | "COMPACT" | "FLATTEN" | undefined;
  readonly outputType: "JSON" | "JSONL" | undefined;
};

export type State = PassState | SucceedState | FailState | WaitState | ChoiceState | TaskState | ParallelState | MapState;

export type Rule = {
  readonly condition: Condition;
  readonly next: string;
  readonly output: Payload | undefined;
  readonly assign: Payload | undefined;
};

export type Condition =
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | { readonly kind: "compare"; readonly variable: Expression; readonly operator: string; readonly operand: Operand }
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "literal"; readonly value: boolean };

export type Operand = { readonly kind: "literal"; readonly value: Json } | { readonly kind: "path"; readonly expression: Expression };

export const stateOf = (machine: Machine, scope: number, name: string): State | undefined => machine.scopes[scope]?.states.get(name);
