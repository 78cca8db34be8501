import type { Condition } from "../definition.ts";
import { look, refuseNull, type Sight } from "../intrinsics/evaluate.ts";
import type { Expression } from "../intrinsics/parse.ts";
import { isArray, type Json } from "../json.ts";
import { askFor, type Bindings } from "../jsonata/expression.ts";
import { runtimeFailure } from "../state-failure.ts";
import { operators } from "./operators.ts";

const truth = { type: "boolean", is: (value: Json): value is boolean => typeof value === "boolean" };

/** Whether a rule's condition holds. */
export const holds = async (condition: Condition, view: { readonly sight: Sight; readonly bindings: Bindings }): Promise<boolean> => {
  if (condition.kind === "query") return askFor(condition.query, view.bindings, truth);
  return holdsNow(condition, view.sight);
};

/** Conditions of JSONPath states need no waiting; `And` and `Or` look no further than they must. */
const holdsNow = (condition: Condition, sight: Sight): boolean => {
  switch (condition.kind) {
    case "and":
      return condition.parts.every((part) => holdsNow(part, sight));
    case "or":
      return condition.parts.some((part) => holdsNow(part, sight));
    case "not":
      return !holdsNow(condition.part, sight);
    case "literal":
      return condition.value;
    case "compare":
      return compare(condition, sight);
    case "query":
      return false;
  }
};

const compare = ({ variable, operator, operand }: Condition & { kind: "compare" }, sight: Sight): boolean => {
  if (operator === "IsPresent") return isPresent(variable, sight) === (operand.kind === "literal" && operand.value);
  const value = valueOf(variable, sight);
  const other = operand.kind === "literal" ? operand.value : valueOf(operand.expression, sight);
  return operators.get(operator)?.holds(value, other) ?? false;
};

const lookup = (expression: Expression, sight: Sight): Json | undefined =>
  expression.kind === "path" ? look(expression.path, sight) : undefined;

const isPresent = (expression: Expression, sight: Sight): boolean => {
  const found = lookup(expression, sight);
  if (found === undefined) return false;
  return expression.kind !== "path" || expression.path.definite || !isArray(found) || found.length > 0;
};

const valueOf = (expression: Expression, sight: Sight): Json => {
  if (expression.kind === "path") refuseNull(expression.path, sight);
  const found = lookup(expression, sight);
  if (found !== undefined) return found;
  const path = expression.kind === "path" ? expression.path.source : expression.source;
  throw runtimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
};
