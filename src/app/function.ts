import { AppError } from "./app-error.ts";
import { declare } from "./declarations.ts";
import type { AnyHandler, FunctionCode } from "./declarations.ts";
import { reference } from "./reference.ts";
import type { Reference } from "./reference.ts";
import type { Usable } from "./usable.ts";

/** What a function is told of its invocation, by the runtime. */
export type FunctionContext = {
  awsRequestId: string;
  functionName: string;
  memoryLimitInMB: string;
  invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
};

export type FunctionHandler<Event = unknown, Result = unknown> = (event: Event, context: FunctionContext) => Promise<Result> | Result;

export type FunctionSettings = {
  /** MiB; 256 by default. */
  memory?: number;
  /** Seconds, 900 at most; 60 by default. */
  timeout?: number;
  environment?: Readonly<Record<string, string>>;
  /** The resources that it may reach; by default all of the app. */
  uses?: readonly Usable[];
};

export type FunctionOptions<Event = unknown, Result = unknown> = FunctionSettings &
  (
    | { handler: FunctionHandler<Event, Result>; runtime?: `nodejs${string}` }
    /** `code` is a folder, relative to the app's file; `handler` is `file.export`. */
    | { code: string; handler: string; runtime: string }
  );

const defaultRuntime = "nodejs22.x";

/** Code that runs when it is called. */
export class CloudFunction<Event = unknown, Result = unknown> {
  readonly name: string;
  /** The function's real name. */
  readonly id: Reference;

  constructor(name: string, options: FunctionOptions<Event, Result>) {
    this.name = name;
    this.id = reference(name, "name");
    if ("code" in options) {
      const code: FunctionCode = { kind: "folder", path: options.code, handler: options.handler };
      declareFunction(name, options, undefined, { code, runtime: options.runtime });
    } else {
      declareFunction(name, options, options.handler as AnyHandler, { runtime: options.runtime ?? defaultRuntime });
    }
  }

  /** Calls the function from another one, and waits for its result. */
  readonly invoke = async (event: Event): Promise<Result> => {
    const { invokeFunction } = await import("./invoke-function.ts");
    return (await invokeFunction(this.name, this.id.get(), event)) as Result;
  };
}

type Code = { code?: FunctionCode; runtime?: string };

export const declareFunction = (
  name: string,
  settings: FunctionSettings,
  handler: AnyHandler | undefined,
  { code = { kind: "inline" }, runtime = defaultRuntime }: Code = {},
): void => {
  const { memory = 256, timeout = 60, environment = {}, uses } = settings;
  if (code.kind === "inline" && typeof handler !== "function")
    throw new AppError(`function "${name}": give a handler, or \`code\` (a folder) with \`handler: "file.export"\` and \`runtime\`.`);
  declare(
    {
      kind: "function",
      name,
      code,
      runtime,
      memoryMib: memory,
      timeoutSeconds: timeout,
      environment,
      uses: uses?.map((each) => each.name),
    },
    handler,
  );
};
