import { NormalizedSchema } from "@smithy/core/schema";
import type { Schema } from "@smithy/types";

export { NormalizedSchema };

/** An operation's schema as the SDK exports it (`RunTask$`): id, namespace, name, traits, input, output. */
export type OperationSchema = {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** `[method, uri, status]` for the REST protocols. */
  readonly http: readonly [method: string, uri: string, status: number] | undefined;
};

export type SchemaModule = Readonly<Record<string, unknown>>;

type StaticOperation = readonly [9, string, string, unknown, Schema, Schema];

/** The operations that an SDK module describes, by name. */
export const readOperations = (sdk: SchemaModule): Map<string, OperationSchema> => {
  const operations = new Map<string, OperationSchema>();
  for (const value of Object.values(sdk)) {
    if (!isOperation(value)) continue;
    const [, , name, traits, input, output] = value;
    const http = isTraits(traits) ? (traits["http"] as OperationSchema["http"]) : undefined;
    operations.set(name, { name, http, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output) });
  }
  return operations;
};

export type ErrorTraits = { readonly status: number; readonly queryCode: string | undefined; readonly schema: NormalizedSchema };

/** The modelled errors of an SDK module by their shape name: HTTP status and the code that the query protocol uses. */
export const readErrors = (sdk: SchemaModule): Map<string, ErrorTraits> => {
  const errors = new Map<string, ErrorTraits>();
  for (const value of Object.values(sdk)) {
    if (!Array.isArray(value) || value[0] !== -3) continue;
    const traits: Record<string, unknown> = isTraits(value[3]) ? value[3] : {};
    const awsQueryError = traits["awsQueryError"] as [string, number] | undefined;
    const status =
      typeof traits["httpError"] === "number" ? traits["httpError"] : (awsQueryError?.[1] ?? (traits["error"] === "server" ? 500 : 400));
    errors.set(String(value[2]), { status, queryCode: awsQueryError?.[0], schema: NormalizedSchema.of(value as unknown as Schema) });
  }
  return errors;
};

const isOperation = (value: unknown): value is StaticOperation => Array.isArray(value) && value[0] === 9 && value.length >= 6;
const isTraits = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** How many of a structure's members, from the first, are required. */
const requiredCount = (schema: NormalizedSchema): number => {
  const struct = schema.getSchema() as unknown as readonly unknown[];
  return typeof struct[6] === "number" ? struct[6] : 0;
};

export const requiredMembers = (schema: NormalizedSchema): string[] => {
  const struct = schema.getSchema() as unknown as readonly unknown[];
  return Array.isArray(struct[4]) ? (struct[4] as string[]).slice(0, requiredCount(schema)) : [];
};
