import { operators } from "../choice/operators.ts";
import type { ChoiceState, Condition, Operand, Rule } from "../definition.ts";
import type { Expression } from "../intrinsics/parse.ts";
import { expressionIn } from "../jsonata/delimiters.ts";
import { parseReferencePath } from "../path/reference.ts";
import { parsePath } from "../path/path.ts";
import { checkLanguageFields } from "./language.ts";
import { assignIn } from "./flow.ts";
import { complain, get, has, need, placeIn, placesIn, textIn, type Place } from "./place.ts";
import { payloadIn, queryAt } from "./values.ts";

export const parseChoice = (place: Place): Pick<ChoiceState, "rules" | "default"> => {
  need(place, "Choices");
  const places = placesIn(place, "Choices");
  if (Array.isArray(get(place, "Choices")) && places.length === 0) complain(place, "Choices must not be empty", "/Choices");
  return { rules: places.map(parseRule), default: textIn(place, "Default") };
};

const parseRule = (place: Place): Rule => {
  checkLanguageFields(place);
  need(place, "Next");
  return {
    condition: place.language === "JSONata" ? parseQueryCondition(place) : parseCondition(place, false),
    next: textIn(place, "Next") ?? "",
    output: place.language === "JSONata" ? payloadIn(place, "Output") : undefined,
    assign: assignIn(place),
  };
};

const never: Condition = { kind: "literal", value: false };

const parseQueryCondition = (place: Place): Condition => {
  need(place, "Condition");
  const allowed = new Set(["Condition", "Next", "Output", "Assign", "Comment"]);
  for (const name of Object.keys(place.object)) if (!allowed.has(name)) complain(place, `Field '${name}' is not supported`);
  const value = get(place, "Condition");
  if (typeof value === "boolean") return { kind: "literal", value };
  const source = typeof value === "string" ? expressionIn(value) : undefined;
  if (source === undefined) {
    if (value !== undefined) complain(place, "Value must be a boolean or a JSONata expression", "/Condition");
    return never;
  }
  const query = queryAt(place, source, "Condition");
  return query === undefined ? never : { kind: "query", query };
};

const parseCondition = (place: Place, nested: boolean): Condition => {
  const besides = nested ? ["Variable", "Comment"] : ["Variable", "Comment", "Next", "Assign", "Output", "Condition"];
  const names = Object.keys(place.object).filter((name) => !besides.includes(name));
  for (const name of names) if (!isOperator(name)) complain(place, `Field '${name}' is not supported`);
  const [name, ...others] = names.filter(isOperator);
  if (others.length > 0) complain(place, `There should only be one of the following fields: [${[name, ...others].join(", ")}]`);
  if (name === undefined) {
    complain(place, "These fields are required: [one comparison operator]");
    return never;
  }
  return name === "And" || name === "Or" || name === "Not" ? parseLogic(place, name) : parseComparison(place, name);
};

const isOperator = (name: string): boolean => name === "And" || name === "Or" || name === "Not" || operators.has(name);

const parseLogic = (place: Place, name: "And" | "Or" | "Not"): Condition => {
  if (name === "Not") {
    const inner = placeIn(place, name);
    return inner === undefined ? never : { kind: "not", part: parseCondition(inner, true) };
  }
  const parts = placesIn(place, name);
  if (parts.length === 0 && Array.isArray(get(place, name))) complain(place, `${name} must not be empty`, `/${name}`);
  return { kind: name === "And" ? "and" : "or", parts: parts.map((part) => parseCondition(part, true)) };
};

const parseComparison = (place: Place, operator: string): Condition => {
  need(place, "Variable");
  const variable = has(place, "Variable") ? variableIn(place) : undefined;
  const operand = operandIn(place, operator);
  if (variable === undefined || operand === undefined) return never;
  return { kind: "compare", variable, operator, operand };
};

/** AWS calls Variable a Reference Path, yet takes any path there. */
const variableIn = (place: Place): Expression | undefined => {
  const text = textIn(place, "Variable");
  if (text === undefined) return undefined;
  try {
    if (!text.startsWith("$") || /\[(?!['"\-\d*?:\s])/.test(text)) parseReferencePath(text);
    return { kind: "path", path: parsePath(text) };
  } catch (thrown) {
    complain(place, `Value is not a Reference Path: ${(thrown as Error).message}`, "/Variable");
    return undefined;
  }
};

const operandIn = (place: Place, operator: string): Operand | undefined => {
  const value = get(place, operator) ?? null;
  if (operator.endsWith("Path")) {
    try {
      return { kind: "path", expression: { kind: "path", path: parseReferencePath(typeof value === "string" ? value : "") } };
    } catch (thrown) {
      complain(place, `Value is not a Reference Path: ${(thrown as Error).message}`, `/${operator}`);
      return undefined;
    }
  }
  const expected = operators.get(operator);
  if (expected === undefined || expected.accepts(value)) return { kind: "literal", value };
  complain(place, `Expected value of type ${expected.type}`, `/${operator}`);
  return undefined;
};
