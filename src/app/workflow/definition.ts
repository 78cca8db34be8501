import { AppError } from "../app-error.ts";
import type { Json } from "./expression.ts";

/** A state, and the flows that begin at it; where it leads follows from where it stands. */
export type Step = {
  name: string;
  fields: Readonly<Record<string, Json>>;
  /** A Choice's rules; the last flow is for what no rule took. */
  rules?: readonly { condition: Json; steps: readonly Step[] }[];
  otherwise?: readonly Step[];
  retriers?: readonly Json[];
  catchers?: readonly { fields: Readonly<Record<string, Json>>; steps: readonly Step[] }[];
};

export type Scope = { StartAt: string; States: Readonly<Record<string, Json>> };

/** The states of a flow, as the States Language has them. */
export const scopeOf = (steps: readonly Step[], of: string): Scope => {
  const [first] = steps;
  if (!first) throw new AppError(`${of} has no states: begin with a step.`);
  const states = statesOf(steps, undefined);
  const names = states.map(([name]) => name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw sameName(doubled);
  return { StartAt: first.name, States: Object.fromEntries(states) };
};

type NamedState = readonly [name: string, state: Json];

/** `following` is the state that a flow goes on with at its end; absent where the flow ends with its scope. */
const statesOf = (steps: readonly Step[], following: string | undefined): NamedState[] =>
  steps.flatMap((step, index) => statesFrom(step, steps[index + 1]?.name ?? following));

/** A step's own state, and those of the flows that lead away from it and come together again at `next`. */
const statesFrom = (step: Step, next: string | undefined): NamedState[] => {
  const { name, fields, rules, otherwise = [], retriers = [], catchers = [] } = step;
  const flows = [...(rules ?? []), ...(rules ? [{ steps: otherwise }] : []), ...catchers].map(({ steps }) => steps);
  // A rule or a catcher must lead somewhere, even where there is nothing more to do.
  const end = `${name}: done`;
  const needsEnd = next === undefined && flows.some(({ length }) => length === 0);
  const target = (steps: readonly Step[]) => steps[0]?.name ?? next ?? end;
  const leads = (): Readonly<Record<string, Json>> => {
    if (rules)
      return { Choices: rules.map(({ condition, steps }) => ({ Condition: condition, Next: target(steps) })), Default: target(otherwise) };
    if (fields["Type"] === "Fail") return {};
    return next === undefined ? { End: true } : { Next: next };
  };
  const state = {
    ...fields,
    ...(retriers.length > 0 ? { Retry: retriers } : {}),
    ...(catchers.length > 0 ? { Catch: catchers.map((each) => ({ ...each.fields, Next: target(each.steps) })) } : {}),
    ...leads(),
  };
  return [[name, state], ...flows.flatMap((steps) => statesOf(steps, next)), ...(needsEnd ? [[end, { Type: "Succeed" }] as const] : [])];
};

const sameName = (name: string) => new AppError(`Two states are named "${name}": names must differ in the whole workflow.`);

/** Names are the whole machine's: a state within a Map or a Parallel may not have the name of one outside. */
export const checkNames = (definition: Json): void => {
  const seen = new Set<string>();
  for (const { name } of statesIn(definition)) {
    if (seen.has(name)) throw sameName(name);
    if (name.length > 80) throw new AppError(`A state's name has 80 characters at most, unlike "${name}".`);
    seen.add(name);
  }
};

type Members = { readonly [key: string]: Json };
const isMembers = (value: Json | undefined): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

/** All states of a definition, those within others too. */
export const statesIn = (scope: Json | undefined): { name: string; state: Members }[] => {
  if (!isMembers(scope) || !isMembers(scope["States"])) return [];
  return Object.entries(scope["States"]).flatMap(([name, state]) => {
    if (!isMembers(state)) return [];
    const branches = Array.isArray(state["Branches"]) ? (state["Branches"] as readonly Json[]) : [];
    return [{ name, state }, ...[state["ItemProcessor"], state["Iterator"], ...branches].flatMap((inner) => statesIn(inner))];
  });
};
