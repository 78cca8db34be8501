import type { Edge, ScopeGraph, StateNode } from "./graph.ts";

const rank = { next: 0, choice: 1, default: 2, catch: 3 } as const;

/** States from top to bottom: each below those that lead to it, but for loops, and the usual way before catchers. The same for every execution. */
export const orderStates = ({ startAt, states, edges }: ScopeGraph): StateNode[] => {
  const ways = Map.groupBy(
    edges.toSorted((one, other) => rank[one.kind] - rank[other.kind]),
    ({ from }) => from,
  );
  const byName = new Map(states.map((state) => [state.name, state]));
  const finished = [...depthFirst(startAt, ways)].toReversed();
  const names = new Set([...finished, ...byName.keys()]);
  return [...names].flatMap((name) => byName.get(name) ?? []);
};

/** Names in the order in which a search that takes the last way first is done with them; without recursion, for chains of thousands of states. */
const depthFirst = function* (startAt: string, ways: ReadonlyMap<string, readonly Edge[]>): Generator<string> {
  const seen = new Set([startAt]);
  const targets = (name: string) => (ways.get(name) ?? []).map(({ to }) => to);
  const path = [{ name: startAt, left: targets(startAt) }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const to = top.left.pop();
    if (to === undefined) {
      yield top.name;
      path.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      path.push({ name: to, left: targets(to) });
    }
  }
};
