import type { QueryLanguage } from "./definition.ts";
import type { Json } from "./json.ts";
import type { TaskResource } from "./resource.ts";

/** What is wrong with a Task as it is written: about its resource, or about the parameters. */
export type TaskComplaint = { readonly message: string; readonly about: "resource" | "parameters" };

/** What the platform says of a Task in a definition; without it, every resource is known and takes any parameters. */
export type CheckTask = (resource: TaskResource, parameters: Json | undefined, language: QueryLanguage) => readonly TaskComplaint[];

/** What the platform says of the input of a task that is about to be scheduled: why it cannot be. */
export type CheckTaskInput = (resource: TaskResource, input: Json) => Promise<readonly string[]>;
