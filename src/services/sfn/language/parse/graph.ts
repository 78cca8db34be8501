import type { Scope, State } from "../definition.ts";
import type { Diagnostic } from "../diagnostics.ts";

type Target = { readonly name: string; readonly at: string };

const targetsOf = (state: State): Target[] => {
  const targets: Target[] = [];
  if ("next" in state && state.next !== undefined) targets.push({ name: state.next, at: `${state.location}/Next` });
  if ("catch" in state) {
    state.catch.forEach((catcher, index) => targets.push({ name: catcher.next, at: `${state.location}/Catch[${index}]/Next` }));
  }
  if (state.type === "Choice") {
    state.rules.forEach((rule, index) => targets.push({ name: rule.next, at: `${state.location}/Choices[${index}]/Next` }));
    if (state.default !== undefined) targets.push({ name: state.default, at: `${state.location}/Default` });
  }
  return targets;
};

const isTerminal = (state: State): boolean =>
  state.type === "Succeed" || state.type === "Fail" || ("next" in state && state.next === undefined);

/** What is wrong with where the states of a scope lead, in the order in which AWS tells it. */
export const checkGraph = (scope: Scope): Diagnostic[] => {
  const states = [...scope.states.values()];
  const targets = [{ name: scope.startAt, at: `${scope.location}/StartAt` }, ...states.flatMap(targetsOf)];
  const missing = targets
    .filter(({ name }) => !scope.states.has(name))
    .map(({ name, at }) => error("MISSING_TRANSITION_TARGET", `Missing 'Next' target: ${name}`, at));
  if (!states.some(isTerminal)) {
    return [...missing, { severity: "ERROR", code: "MISSING_END_STATE", message: "Workflow has no terminal state" }];
  }
  const reached = reachable(scope);
  const stranded = states
    .filter(({ name }) => !reached.has(name))
    .map(({ name, location }) => error("MISSING_TRANSITION_TARGET", `State "${name}" is not reachable.`, location));
  return [...missing, ...stranded];
};

const error = (code: Diagnostic["code"], message: string, location: string): Diagnostic => ({ severity: "ERROR", code, message, location });

const reachable = (scope: Scope): Set<string> => {
  const reached = new Set([scope.startAt]);
  for (const name of reached) {
    const state = scope.states.get(name);
    if (state) for (const target of targetsOf(state)) reached.add(target.name);
  }
  return reached;
};
