import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";

/**
 * What a service gives to the deployment engine: a resource type of templates (`AWS::S3::Bucket`), its properties, and how it is made,
 * changed and removed by the service's own operations. Every step may be repeated after a crash and then does nothing twice.
 */
export type ResourceType = {
  readonly name: string;
  readonly properties: Properties;
  /** What `Fn::GetAtt` answers. */
  readonly attributes: readonly string[];
  readonly create: (wanted: Wanted, context: ResourceContext) => Promise<Made>;
  /** Changes in place what needs no replacement. Absent: whatever can change without replacement needs no step. */
  readonly update: ((wanted: Wanted, current: Current, context: ResourceContext) => Promise<Made>) | undefined;
  /** Something that is gone already is no error. */
  readonly remove: (current: Current, context: ResourceContext) => Promise<void>;
};

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonMembers = { readonly [key: string]: JsonValue };

export type Wanted<P = JsonMembers> = {
  logicalId: string;
  /** Functions carried out, checked against the type's properties, text turned into the numbers and booleans that are wanted. */
  properties: P;
  /** Whether an earlier attempt at this very step may have been cut off: then what already exists under its name is its work. */
  isRepeated: boolean;
};

export type Current<P = JsonMembers> = { logicalId: string; physicalId: string; properties: P; attributes: JsonMembers };

/** `physicalId` is what `Ref` answers. */
export type Made = { physicalId: string; attributes?: JsonMembers };

export type ResourceContext = {
  /** Calls an operation in process, with the stack's role or its caller's. */
  call: Call;
  region: string;
  accountId: string;
  stackId: string;
  stackName: string;
  /** A name for what the template leaves unnamed, `<stack>-<logical id>-<12 characters>`: the same one each time the step is repeated. */
  name(options?: { longest?: number; lowerCase?: boolean }): string;
  /** A client token of this step, the same each time it is repeated. */
  token: string;
  /** Notes the physical id before `create` is through, so that a failure half way leaves nothing behind. */
  created(physicalId: string): Promise<void>;
  /** Waits for something that the service does in its own time; throws once the cloud stops. */
  pause(milliseconds: number): Promise<void>;
};

/** A property of a resource type; the phantom `T` is the type that its values have in TypeScript. */
export type Property<T = unknown, Required extends boolean = boolean> = {
  readonly shape: Shape;
  readonly isRequired: Required;
  /** A change needs a new resource. */
  readonly replaces: boolean;
  readonly valueType?: T;
};

export type Properties = Readonly<Record<string, Property>>;

export type Shape =
  | { readonly kind: "string" | "integer" | "number" | "boolean" | "json" }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "object"; readonly members: Properties };

type ValueOf<P> = P extends Property<infer T> ? T : never;
type RequiredNames<S> = { [K in keyof S]: S[K] extends { isRequired: true } ? K : never }[keyof S];
/** The TypeScript type of an object with these properties. */
export type ValuesOf<S extends Properties> = { readonly [K in RequiredNames<S>]: ValueOf<S[K]> } & {
  readonly [K in Exclude<keyof S, RequiredNames<S>>]?: ValueOf<S[K]>;
};

const property = <T>(shape: Shape): Property<T, false> => ({ shape, isRequired: false, replaces: false });

export const text = () => property<string>({ kind: "string" });
export const integer = () => property<number>({ kind: "integer" });
export const flag = () => property<boolean>({ kind: "boolean" });
/** A document that the service reads itself, such as a policy. */
export const document = () => property<JsonMembers>({ kind: "json" });
export const list = <T>(of: Property<T>) => property<readonly T[]>({ kind: "list", of: of.shape });
export const map = <T>(of: Property<T>) => property<Readonly<Record<string, T>>>({ kind: "map", of: of.shape });
export const struct = <S extends Properties>(members: S) => property<ValuesOf<S>>({ kind: "object", members });
export const required = <T>(of: Property<T>): Property<T, true> => ({ ...of, isRequired: true });
export const replacing = <T, R extends boolean>(of: Property<T, R>): Property<T, R> => ({ ...of, replaces: true });
export const tags = () => list(struct({ Key: required(text()), Value: required(text()) }));

type Definition<S extends Properties> = {
  name: string;
  properties: S;
  attributes?: readonly string[];
  create: (wanted: Wanted<ValuesOf<S>>, context: ResourceContext) => Promise<Made>;
  update?: (wanted: Wanted<ValuesOf<S>>, current: Current<ValuesOf<S>>, context: ResourceContext) => Promise<Made>;
  remove: (current: Current<ValuesOf<S>>, context: ResourceContext) => Promise<void>;
};

/** Writes down a resource type with its properties typed by their declaration: the engine has checked them before it calls. */
export const resourceType = <S extends Properties>(definition: Definition<S>): ResourceType => ({
  name: definition.name,
  properties: definition.properties,
  attributes: definition.attributes ?? [],
  create: definition.create as unknown as ResourceType["create"],
  update: definition.update as unknown as ResourceType["update"],
  remove: definition.remove as unknown as ResourceType["remove"],
});

/** Waits for a call and takes a fault of these codes for success: removing what is gone, or making what a cut-off attempt has made. */
export const accepting = async (work: Promise<unknown>, codes: RegExp, isAccepted = true): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(isAccepted && error instanceof Fault && codes.test(error.code))) throw error;
  });
};

type TagList = readonly { readonly Key: string; readonly Value: string }[] | undefined;

/** The tags to set, and the keys to take away, on the way from one list of tags to another. */
export const tagChanges = (before: TagList, after: TagList) => {
  const kept = new Set((after ?? []).map(({ Key }) => Key));
  const set = (after ?? []).filter(({ Key, Value }) => !(before ?? []).some((tag) => tag.Key === Key && tag.Value === Value));
  return { set, gone: (before ?? []).map(({ Key }) => Key).filter((key) => !kept.has(key)) };
};

export const tagMap = (tagList: TagList): Record<string, string> =>
  Object.fromEntries((tagList ?? []).map(({ Key, Value }) => [Key, Value]));
