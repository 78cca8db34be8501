import { isObject, type Json } from "../json.ts";
import { select } from "./evaluate.ts";
import type { Path } from "./path.ts";

/** Why a path finds nothing, in the words of Jayway's JSONPath, which the causes of InputPath and OutputPath pass on. */
export const whyNothing = ({ steps }: Pick<Path, "steps">, root: Json): string => {
  const first = steps.findIndex((_, at) => select({ steps: steps.slice(0, at + 1), definite: true }, root) === undefined);
  const within = select({ steps: steps.slice(0, Math.max(first, 0)), definite: true }, root);
  const missing = steps[first];
  if (missing?.kind === "key" && isObject(within) && first < steps.length - 1) {
    return `Missing property in path ${normal(steps.slice(0, first + 1))}`;
  }
  return `No results for path: ${normal(steps)}`;
};

const normal = (steps: Path["steps"]): string =>
  `$${steps.map((step) => (step.kind === "key" ? `['${step.key}']` : step.kind === "index" ? `[${step.index}]` : `.${step.kind}`)).join("")}`;
