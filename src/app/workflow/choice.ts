import type { Step } from "./definition.ts";
import { expression, toTemplate } from "./expression.ts";
import type { Expression, Json } from "./expression.ts";
import type { Workflow } from "./workflow.ts";

type Rule = { condition: Json; steps: readonly Step[] };
type Flow<Current, Out> = (flow: Workflow<Current, Current>) => Workflow<Current, Out>;

/** An empty workflow. */
type Begin = <T>() => Workflow<T, T>;

declare const chosen: unique symbol;

/** All flows of a Choice. */
export type Chosen<Out> = { readonly [chosen]: Out; readonly rules: readonly Rule[]; readonly otherwise: readonly Step[] };

/** The rules of a Choice so far: conditions, and what is done where they hold. */
export class Choice<Current, Out> {
  declare readonly [chosen]: Out;
  readonly #rules: readonly Rule[];
  readonly #begin: Begin;

  constructor(rules: readonly Rule[], begin: Begin) {
    this.#rules = rules;
    this.#begin = begin;
  }

  when<Next>(condition: (input: Expression<Current>) => Expression<boolean>, flow: Flow<Current, Next>): Choice<Current, Out | Next> {
    const rule = { condition: toTemplate(condition(expression("$states.input"))), steps: flow(this.#begin()).steps() };
    return new Choice([...this.#rules, rule], this.#begin);
  }

  /** What is done where no condition holds; `(flow) => flow` goes on with the input as it is. */
  otherwise<Next>(flow: Flow<Current, Next>): Chosen<Out | Next> {
    return { rules: this.#rules, otherwise: flow(this.#begin()).steps() } as unknown as Chosen<Out | Next>;
  }
}
