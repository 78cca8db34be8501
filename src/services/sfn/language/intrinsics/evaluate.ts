import { isArray, type Json, type JsonObject } from "../json.ts";
import { select } from "../path/evaluate.ts";
import { whyNothing } from "../path/missing.ts";
import type { Path } from "../path/path.ts";
import { intrinsicFailure, pathNotFound, runtimeFailure } from "../state-failure.ts";
import { functions, type Chance, type Given } from "./functions.ts";
import { Invalid } from "./invalid.ts";
import type { Argument, Expression } from "./parse.ts";

/** What the paths of a state can see. */
export type Sight = {
  readonly input: Json;
  readonly context: () => Json;
  readonly variables: JsonObject;
  readonly chance: Chance;
};

/** What a path finds, `undefined` if nothing is there. */
export const look = (path: Path, sight: Sight): Json | undefined => {
  const { root } = path;
  if (root.kind === "input") return select(path, sight.input);
  if (root.kind === "context") return select(path, sight.context());
  const variable = Object.hasOwn(sight.variables, root.name) ? sight.variables[root.name] : undefined;
  return variable === undefined ? undefined : select(path, variable);
};

/** In an input of null AWS finds nothing, not even `$` (awslabs/states-language, issue 29). */
export const refuseNull = ({ root }: Path, sight: Sight): void => {
  if (root.kind === "input" && sight.input === null) throw runtimeFailure("Unable to apply Path transformation to null or empty input.");
};

/**
 * The value of an expression in a field. In payload templates AWS gives null for an index past the end of an
 * array, where any other missing place fails the execution.
 */
export const evaluate = (expression: Expression, field: string, sight: Sight): Json => {
  if (expression.kind === "call") return call(expression, sight);
  const selects = field === "InputPath" || field === "OutputPath";
  // Their `$` is what they are without being written.
  if (!selects || expression.path.steps.length > 0) refuseNull(expression.path, sight);
  const found = look(expression.path, sight);
  if (found !== undefined) return found;
  if (selects) throw invalidPath(expression.path, sight);
  if (field.endsWith(".$") && isPastEnd(expression.path, sight)) return null;
  throw pathNotFound(expression.path.source, field, JSON.stringify(sight.input));
};

const invalidPath = (path: Path, sight: Sight): Error => {
  const root = look({ ...path, steps: [], definite: true }, sight);
  return runtimeFailure(`Invalid path '${path.source}' : ${whyNothing(path, root ?? null)}`);
};

const isPastEnd = (path: Path, sight: Sight): boolean => {
  if (!path.definite || path.steps.at(-1)?.kind !== "index") return false;
  return isArray(look({ ...path, steps: path.steps.slice(0, -1) }, sight));
};

const call = (expression: Expression & { kind: "call" }, sight: Sight): Json => {
  const intrinsic = functions.get(expression.name);
  if (intrinsic === undefined) throw intrinsicFailure(expression.source, "It does not exist.");
  const args = expression.args.map((argument) => given(argument, expression.source, sight));
  try {
    return intrinsic.apply(args, sight.chance);
  } catch (thrown) {
    if (thrown instanceof Invalid) throw intrinsicFailure(expression.source, thrown.message);
    throw thrown;
  }
};

const given = (argument: Argument, source: string, sight: Sight): Given => {
  if (argument.kind === "literal") return { value: argument.value, raw: typeof argument.value === "string" ? argument.raw : undefined };
  if (argument.kind === "call") return { value: call(argument, sight), raw: undefined };
  const value = look(argument.path, sight);
  if (value !== undefined) return { value, raw: undefined };
  throw intrinsicFailure(
    source,
    `The JsonPath argument for the field '${argument.path.source}' could not be found in the input '${JSON.stringify(sight.input)}'`,
  );
};
