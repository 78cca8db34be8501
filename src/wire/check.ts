import { Fault } from "./fault.ts";
import { NormalizedSchema, requiredMembers } from "./schema.ts";

/**
 * What a service states of its members beyond the schema: by path from the input (`QueueName`, `containerDefinitions.name`; a list's items and a
 * map's values share their member's path).
 */
export type Constraints = Readonly<Record<string, Constraint>>;

export type Constraint = {
  /** The allowed strings, in the order in which AWS's message lists them. */
  enum?: readonly string[];
  pattern?: RegExp;
  /** The whole message for a value that the pattern does not match, where the service has one of its own. */
  patternMessage?: string;
  minLength?: number;
  maxLength?: number;
  /** The most bytes in UTF-8. */
  maxBytes?: number;
  /** The message does not show the value. */
  hidden?: boolean;
  min?: number;
  max?: number;
};

/** One failed check, ready for AWS's sentence `Value … at '…' failed to satisfy constraint: …`. */
type Violation = { value: unknown; path: string; constraint: string; message?: string | undefined; hidden?: boolean };

/**
 * Checks required members, and the service's constraints, and throws AWS's message for what it finds:
 * `1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null`.
 */
export const checkInput = (
  schema: NormalizedSchema,
  input: unknown,
  { code, message, constraints = {} }: { code: string; message?: string | undefined; constraints?: Constraints | undefined },
): void => {
  const violations: Violation[] = [];
  visit(schema, input, { path: "", constrained: "", constraints, violations });
  if (violations.length === 0) return;
  const told = violations.filter((violation) => violation.message === undefined);
  throw new Fault(code, message ?? (told.length > 0 ? describe(told) : (violations[0]?.message ?? "")), 400);
};

type Visit = { path: string; constrained: string; constraints: Constraints; violations: Violation[] };

const visit = (schema: NormalizedSchema, value: unknown, at: Visit): void => {
  const constraint = at.constraints[at.constrained];
  if (constraint && value !== undefined) at.violations.push(...violationsOf(value, constraint, at.path));
  if (value === undefined || value === null || typeof value !== "object") return;
  if (schema.isStructSchema()) {
    const record = value as Record<string, unknown>;
    for (const name of requiredMembers(schema)) {
      if (record[name] === undefined)
        at.violations.push({ value: undefined, path: join(at.path, lowerFirst(name)), constraint: "Member must not be null" });
    }
    for (const [name, member] of schema.structIterator()) {
      if (record[name] !== undefined) visit(member, record[name], below(at, lowerFirst(name), name));
    }
  } else if (schema.isListSchema() && Array.isArray(value)) {
    const member = schema.getValueSchema();
    for (const [index, item] of value.entries())
      visit(member, item, { ...below(at, `${index + 1}.member`, ""), constrained: at.constrained });
  } else if (schema.isMapSchema()) {
    const member = schema.getValueSchema();
    for (const [key, item] of Object.entries(value))
      visit(member, item, { ...below(at, `${key}.member`, ""), constrained: at.constrained });
  }
};

const below = (at: Visit, pathStep: string, name: string): Visit => ({
  ...at,
  path: join(at.path, pathStep),
  constrained: join(at.constrained, name),
});

const violationsOf = (value: unknown, constraint: Constraint, path: string): Violation[] => {
  const found: Violation[] = [];
  const { hidden = false } = constraint;
  const add = (text: string, message?: string) => found.push({ value, path, constraint: text, message, hidden });
  if (typeof value === "string") {
    if (constraint.enum && !constraint.enum.includes(value)) add(`Member must satisfy enum value set: [${constraint.enum.join(", ")}]`);
    if (constraint.minLength !== undefined && value.length < constraint.minLength)
      add(`Member must have length greater than or equal to ${constraint.minLength}`);
    if (constraint.maxLength !== undefined && value.length > constraint.maxLength)
      add(`Member must have length less than or equal to ${constraint.maxLength}`);
    if (constraint.maxBytes !== undefined && Buffer.byteLength(value) > constraint.maxBytes)
      add(`Member must have size less than or equal to ${constraint.maxBytes} bytes in UTF-8 encoding`);
    if (constraint.pattern && !constraint.pattern.test(value))
      add(`Member must satisfy regular expression pattern: ${written(constraint.pattern)}`, constraint.patternMessage);
  }
  if (typeof value === "number") {
    if (constraint.min !== undefined && value < constraint.min) add(`Member must have value greater than or equal to ${constraint.min}`);
    if (constraint.max !== undefined && value > constraint.max) add(`Member must have value less than or equal to ${constraint.max}`);
  }
  return found;
};

const describe = (violations: Violation[]): string => {
  const [one] = violations;
  const count = `${violations.length} validation error${one && violations.length === 1 ? "" : "s"} detected: `;
  return (
    count +
    violations
      .map(
        ({ value, path, constraint, hidden }) =>
          `Value ${hidden ? "" : `${quote(value)} `}at '${path}' failed to satisfy constraint: ${constraint}`,
      )
      .join("; ")
  );
};

/** AWS writes patterns without the anchors that they are matched with. */
const written = (pattern: RegExp) => pattern.source.replace(/^\^|\$$/g, "").replaceAll("\\/", "/");
const quote = (value: unknown) => (value === undefined ? "null" : `'${String(value)}'`);
const join = (path: string, step: string) => (path && step ? `${path}.${step}` : path + step);
const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
