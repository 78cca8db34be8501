import { invalidDefinition, validation } from "../faults.ts";
import { stateOf } from "../language/definition.ts";
import type { Machine, MapState, State } from "../language/definition.ts";
import { lineageOf } from "../language/interpreter/start-within.ts";
import type { Place } from "../language/interpreter/start-within.ts";
import { parseDefinition, parseStateDefinition } from "../language/parse/parse.ts";
import type { ParseOptions } from "../language/parse/parse.ts";
import type { Request } from "./check-request.ts";

/** The name of the tested state, execution and machine, where the request gives none. */
export const unnamed = "TestState";

/** The state under test. */
export type Tested = {
  readonly machine: Machine;
  readonly state: State;
  /** The states that it is inside of, from the outside in, and it itself at the end: those of one execution. */
  readonly lineage: readonly Place[];
  /** The distributed Map whose child execution that is, if any, with its own lineage. */
  readonly outer: Tested | undefined;
};

/** The definition is one state's, or with `stateName` a whole machine's. */
export const findTested = ({ definition, stateName }: Pick<Request, "definition" | "stateName">, options: ParseOptions): Tested => {
  const name = stateName ?? unnamed;
  const { machine, diagnostics } =
    stateName === undefined ? parseStateDefinition(definition, name, options) : parseDefinition(definition, options);
  if (!machine) throw invalidDefinition(diagnostics);
  const lineage = lineageOf(machine, name);
  const tested = lineage && at(machine, lineage);
  if (tested === undefined) throw validation(`State not found: ${name}`);
  return tested;
};

const at = (machine: Machine, lineage: readonly Place[]): Tested | undefined => {
  const last = lineage.at(-1);
  const state = last && stateOf(machine, last.scope, last.state);
  if (state === undefined) return undefined;
  const map = lineage.slice(0, -1).findLastIndex(({ scope, state: name }) => distributed(stateOf(machine, scope, name)) !== undefined);
  return { machine, state, lineage: lineage.slice(map + 1), outer: map < 0 ? undefined : at(machine, lineage.slice(0, map + 1)) };
};

/** A state that is a Map in DISTRIBUTED mode. */
export const distributed = (state: State | undefined): MapState["distributed"] => (state?.type === "Map" ? state.distributed : undefined);

/** A state anywhere inside of a Map or a Parallel. */
export const stateInside = (machine: Machine, outer: State, name: string): State | undefined => {
  const scopes = outer.type === "Map" ? [outer.processor] : outer.type === "Parallel" ? outer.branches : [];
  for (const id of scopes) {
    for (const state of machine.scopes[id]?.states.values() ?? []) {
      const found = state.name === name ? state : stateInside(machine, state, name);
      if (found) return found;
    }
  }
  return undefined;
};
