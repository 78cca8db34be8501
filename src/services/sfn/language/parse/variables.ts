import type { Payload, Scope, State } from "../definition.ts";
import type { Diagnostic } from "../diagnostics.ts";
import { isObject } from "../json.ts";

type Assignment = { readonly name: string; readonly at: string };

/**
 * Variables that a scope assigns though a scope around it does: AWS wants each name in one of them only. A distributed
 * Map's processor sees no outer variables and may use their names.
 */
export const checkVariables = (scopes: readonly Scope[]): Diagnostic[] => {
  const [root] = scopes;
  return root === undefined ? [] : shadowed(scopes, root, new Set());
};

const shadowed = (scopes: readonly Scope[], scope: Scope, outer: ReadonlySet<string>): Diagnostic[] => {
  const states = [...scope.states.values()];
  const assigned = states.flatMap(assignmentsOf);
  const own = assigned.filter(({ name }) => outer.has(name)).map(complaint);
  const visible = new Set([...outer, ...assigned.map(({ name }) => name)]);
  const inner = states.flatMap((state) => {
    const seen = state.type === "Map" && state.distributed ? new Set<string>() : visible;
    return scopesIn(state).flatMap((id) => {
      const nested = scopes[id];
      return nested === undefined ? [] : shadowed(scopes, nested, seen);
    });
  });
  return [...own, ...inner];
};

const complaint = ({ name, at }: Assignment): Diagnostic => ({
  severity: "ERROR",
  code: "SCHEMA_VALIDATION_FAILED",
  message: `The variable '${name}' is already assigned in an outer scope`,
  location: at,
});

const scopesIn = (state: State): readonly number[] => {
  if (state.type === "Parallel") return state.branches;
  return state.type === "Map" ? [state.processor] : [];
};

const assignmentsOf = (state: State): Assignment[] => {
  const own = namesIn(state.flow.assign, `${state.location}/Assign`);
  const byRule = state.type === "Choice" ? state.rules.map(({ assign }) => assign) : [];
  const byCatcher = "catch" in state ? state.catch.map(({ assign }) => assign) : [];
  return [
    ...own,
    ...byRule.flatMap((assign, index) => namesIn(assign, `${state.location}/Choices[${index}]/Assign`)),
    ...byCatcher.flatMap((assign, index) => namesIn(assign, `${state.location}/Catch[${index}]/Assign`)),
  ];
};

/** The names that a payload's members have, which are known when it is written out. */
const namesIn = (payload: Payload | undefined, at: string): Assignment[] => {
  const template = payload?.template;
  if (template?.kind === "object") return template.members.map(([name]) => ({ name, at }));
  const value = template?.kind === "literal" ? template.value : undefined;
  return isObject(value) ? Object.keys(value).map((name) => ({ name, at })) : [];
};
