import type { Condition } from "../language/definition.ts";
import { sourceOf } from "../language/interpreter/view.ts";

const signs: Readonly<Record<string, string>> = {
  Equals: "=",
  LessThan: "<",
  LessThanEquals: "<=",
  GreaterThan: ">",
  GreaterThanEquals: ">=",
  Matches: "matches",
};

/** The condition of a Choice rule in short: `$.total > 100 and not $.paid = true`. */
export const ruleText = (condition: Condition): string => {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.parts.map((part) => inner(part, condition.kind)).join(` ${condition.kind} `);
    case "not":
      return `not ${inner(condition.part, "not")}`;
    case "query":
      return condition.query.source;
    case "literal":
      return String(condition.value);
    case "compare":
      return comparison(condition);
  }
};

const inner = (part: Condition, outer: "and" | "or" | "not"): string =>
  (part.kind === "and" || part.kind === "or") && part.kind !== outer ? `(${ruleText(part)})` : ruleText(part);

const comparison = ({ variable, operator, operand }: Condition & { kind: "compare" }): string => {
  const subject = sourceOf(variable);
  const test = /^Is([A-Z]\w*)$/.exec(operator)?.[1];
  if (test !== undefined && operand.kind === "literal")
    return `${subject} is ${operand.value === false ? "not " : ""}${test.toLowerCase()}`;
  const sign = signs[operator.replace(/^(?:String|Numeric|Boolean|Timestamp)/, "").replace(/Path$/, "")] ?? operator;
  return `${subject} ${sign} ${operand.kind === "literal" ? JSON.stringify(operand.value) : sourceOf(operand.expression)}`;
};
