import type { Scope, State } from "../language/definition.ts";
import type { Edge } from "./graph.ts";
import { ruleText } from "./rule-text.ts";

export const edgeKey = (from: string, to: string, isCaught: boolean): string => JSON.stringify([from, to, isCaught]);

const keyOf = ({ from, to, kind }: Edge): string => edgeKey(from, to, kind === "catch");

/** Where the states of a scope lead. Ways to the same state are one edge, since the history does not tell which of them was taken. */
export const edgesOf = ({ states }: Scope, taken: ReadonlyMap<string, number>): Edge[] => {
  const edges = new Map<string, Edge>();
  for (const edge of [...states.values()].flatMap(waysOut)) {
    const known = edges.get(keyOf(edge));
    if (!known) edges.set(keyOf(edge), { ...edge, taken: taken.get(keyOf(edge)) ?? 0 });
    else {
      known.labels.push(...edge.labels);
      if (edge.kind === "default") known.labels.push("otherwise");
    }
  }
  return [...edges.values()];
};

const waysOut = (state: State): Edge[] => {
  const from = state.name;
  const way = (kind: Edge["kind"], to: string | undefined, labels: string[] = []): Edge[] =>
    to === undefined ? [] : [{ from, to, kind, labels, taken: 0 }];
  if (state.type === "Choice")
    return [...state.rules.flatMap(({ condition, next }) => way("choice", next, [ruleText(condition)])), ...way("default", state.default)];
  const next = "next" in state ? way("next", state.next) : [];
  const catchers = "catch" in state ? state.catch : [];
  return [...next, ...catchers.flatMap(({ errorEquals, next: to }) => way("catch", to, [...errorEquals]))];
};
