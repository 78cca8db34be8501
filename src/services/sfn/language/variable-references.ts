import type jsonata from "jsonata";
import type { Machine, State } from "./definition.ts";
import type { Query } from "./jsonata/expression.ts";
import { variablesIn } from "./jsonata/variables.ts";
import type { Path } from "./path/path.ts";

type Used = { readonly names: Set<string>; readonly queries: jsonata.Expression[] };

/** The variables that each state's fields name, by state, those in branches and processors too; states that name none are left out. */
export const variableReferences = async (machine: Machine): Promise<Record<string, string[]>> => {
  const states = machine.scopes.flatMap((scope) => [...scope.states.values()]);
  const references = await Promise.all(states.map(async (state) => [state.name, await namedBy(state)] as const));
  return Object.fromEntries(references.filter(([, names]) => names.length > 0));
};

const namedBy = async (state: State): Promise<string[]> => {
  const used: Used = { names: new Set(), queries: [] };
  collect(state, used);
  for (const query of used.queries) for (const name of await variablesIn(query)) used.names.add(name);
  return [...used.names];
};

/** Looks for paths and expressions wherever a state has them; literals are data that may look like either. */
const collect = (value: unknown, used: Used): void => {
  if (typeof value !== "object" || value === null) return;
  if (isQuery(value)) used.queries.push(value.compiled);
  else if (isPath(value) && value.root.kind === "variable") used.names.add(value.root.name);
  else if (!("kind" in value && value.kind === "literal"))
    for (const [key, inner] of Object.entries(value)) if (key !== "result") collect(inner, used);
};

const isQuery = (value: object): value is Query => "compiled" in value;
const isPath = (value: object): value is Path => "root" in value && "steps" in value;
