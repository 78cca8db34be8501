/** Tandem's app framework: `import * as cloud from "tandem"`, declare resources, and `tandem deploy` the file. */
export { Bucket } from "./bucket.ts";
export type { BucketEvent, BucketHandler, KeyFilter } from "./bucket.ts";
export { CloudFunction as Function } from "./function.ts";
export type { FunctionContext, FunctionHandler, FunctionOptions } from "./function.ts";
export { Task } from "./task.ts";
export type { RunOptions, StartedTask, TaskOptions } from "./task.ts";
export type { Reference } from "./reference.ts";
