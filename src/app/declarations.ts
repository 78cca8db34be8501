import { AppError } from "./app-error.ts";
import { logicalId } from "./logical-id.ts";
import type { Json } from "./workflow/expression.ts";

/** What the handler of a function is given and gives back, before anything is known of its event. */
export type AnyHandler = (event: unknown, context: unknown) => unknown;

export type FunctionCode =
  | { kind: "inline" }
  /** `path` is relative to the app's file; `handler` is `file.export`. */
  | { kind: "folder"; path: string; handler: string };

export type FunctionDeclaration = {
  kind: "function";
  name: string;
  code: FunctionCode;
  runtime: string;
  memoryMib: number;
  timeoutSeconds: number;
  environment: Readonly<Record<string, string>>;
  /** Names of the resources that it may reach; absent: all of the app. */
  uses: readonly string[] | undefined;
};

export type Listener = { functionName: string; event: "s3:ObjectCreated:*" | "s3:ObjectRemoved:*"; keyPrefix?: string; keySuffix?: string };

export type BucketDeclaration = { kind: "bucket"; name: string; listeners: Listener[] };

export type TaskImage =
  /** A folder with a Dockerfile, relative to the app's file. */
  { kind: "build"; path: string; dockerfile: string; arguments: Readonly<Record<string, string>> } | { kind: "image"; reference: string };

export type TaskDeclaration = {
  kind: "task";
  name: string;
  image: TaskImage;
  command: readonly string[] | undefined;
  environment: Readonly<Record<string, string>>;
  cpuUnits: number | undefined;
  memoryMib: number | undefined;
  memoryReservationMib: number | undefined;
  uses: readonly string[] | undefined;
};

export type MachineType = "STANDARD" | "EXPRESS";
export type LogLevel = "ALL" | "ERROR" | "FATAL" | "OFF";
/** What a role may do besides; `resources` are ARNs, in which references may stand. */
export type Permission = { actions: readonly string[]; resources: readonly string[] };

export type StateMachineDeclaration = {
  kind: "stateMachine";
  name: string;
  type: MachineType;
  /** In the States Language, with references as texts; worked out for the template alone. */
  definition: () => Json;
  logging: { level: LogLevel; data: boolean } | undefined;
  permissions: readonly Permission[];
};

export type Declaration = BucketDeclaration | FunctionDeclaration | StateMachineDeclaration | TaskDeclaration;

/**
 * What the app's module declared while it was loaded, in order, by logical id. An app declares by constructing, so the list belongs to the
 * module graph; each load (one for the template, one in each function's environment) has its own.
 */
export const declarations: ReadonlyMap<string, Declaration> = new Map();

/** The inline handlers by the name of their function. */
export const handlers: ReadonlyMap<string, AnyHandler> = new Map();

const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;

export const declare = <T extends Declaration>(declaration: T, handler?: AnyHandler): T => {
  const { name, kind } = declaration;
  if (!namePattern.test(name))
    throw new AppError(`${kind} "${name}": a name is a letter followed by up to 39 letters, digits, "-" or "_".`);
  const id = logicalId(name);
  const before = declarations.get(id);
  if (before) throw new AppError(`${kind} "${name}": the app has a ${before.kind} "${before.name}" already; names must differ.`);
  (declarations as Map<string, Declaration>).set(id, declaration);
  if (handler) (handlers as Map<string, AnyHandler>).set(name, handler);
  return declaration;
};
