import { setImmediate as nextTurn } from "node:timers/promises";
import type jsonata from "jsonata";

/** How long an expression runs before others have a turn. */
const turnMs = 10;

/** The library calls what is bound to this before it evaluates a node, and waits for it. */
const entry = Symbol.for("jsonata.__evaluate_entry") as unknown as string;

type Turns = { spentMs: number; since: number };
type Environment = { readonly base: object };

/** Lets others have turns while an expression runs for long, and ends it when its own turns come to more than so many milliseconds. */
export const takeTurns = (compiled: jsonata.Expression, mostMs: number): void => {
  const running = new WeakMap<object, Turns>();
  const beforeNode = (_node: unknown, _input: unknown, { base }: Environment): Promise<void> | undefined => {
    const now = performance.now();
    const turns = running.get(base);
    if (!turns) {
      running.set(base, { spentMs: 0, since: now });
      return undefined;
    }
    const turn = now - turns.since;
    if (turns.spentMs + turn > mostMs) throw Object.assign(new Error("Evaluation timeout"), { code: "D1012" });
    if (turn < turnMs) return undefined;
    turns.spentMs += turn;
    return nextTurn().then(() => void (turns.since = performance.now()));
  };
  compiled.assign(entry, beforeNode);
};
