/** Tandem's app framework: `import * as cloud from "tandem"`, declare resources, and `tandem deploy` the file. */
export { Bucket } from "./bucket.ts";
export type { BucketEvent, BucketHandler, KeyFilter } from "./bucket.ts";
export { CloudFunction as Function } from "./function.ts";
export type { FunctionContext, FunctionHandler, FunctionOptions } from "./function.ts";
export { Task } from "./task.ts";
export type { RunOptions, StartedTask, TaskOptions } from "./task.ts";
export type { Reference } from "./reference.ts";
export { StateMachine } from "./state-machine.ts";
export type { PlainDefinition, StateMachineOptions } from "./state-machine.ts";
export { context, jsonata, merge, text } from "./workflow/expression.ts";
export type { Expression, Resolved, Value } from "./workflow/expression.ts";
export { csvIn, each, jsonIn, objectsIn } from "./workflow/items.ts";
export type { Dataset, Items, ListedObject } from "./workflow/items.ts";
export { workflow } from "./workflow/workflow.ts";
export type { InputOf, OutputOf, Workflow } from "./workflow/workflow.ts";
export type { MapOptions, TaskStateOptions, WrittenResults } from "./workflow/options.ts";
