import type { Machine } from "../definition.ts";
import { stateOf } from "../definition.ts";
import type { Chance } from "../intrinsics/functions.ts";
import type { Json, JsonObject } from "../json.ts";
import type { MapRunSpec } from "../interpreter/map-run-spec.ts";
import { evaluatePayload, type View } from "../interpreter/view.ts";

/** An item of a map run's dataset: its value, and where it comes from. */
export type Item = {
  readonly index: number;
  readonly value: Json;
  /** The member's name, for a dataset that is an object. */
  readonly key?: string;
  /** `STATE_DATA`, or the S3 URI of the object. */
  readonly source?: string;
};

/** What `$$.Map` shows to the ItemSelector. */
export const itemView = ({ index, key, value, source }: Item): JsonObject => ({
  Item: { Index: index, ...(key === undefined ? {} : { Key: key }), Value: value, ...(source === undefined ? {} : { Source: source }) },
});

const unshaped = ({ key, value }: Item): Json => (key === undefined ? value : { Key: key, Value: value });

type Moment = { readonly nowMs: number; readonly chance: Chance };

/**
 * The item as the Map's ItemSelector shapes it; without one, a member of an object is handed on as a pair
 * (docs.aws.amazon.com/step-functions: input-output-itemspath).
 */
export const selectItem = async (machine: Machine, spec: MapRunSpec, { item, nowMs, chance }: Moment & { item: Item }): Promise<Json> => {
  const state = stateOf(machine, spec.scope, spec.state);
  if (state?.type !== "Map" || state.itemSelector === undefined) return unshaped(item);
  const { input, effectiveInput, variables } = spec.view;
  const context = { ...spec.view.context, Map: itemView(item) };
  const view: View = {
    sight: { input: effectiveInput, context: () => context, variables, chance },
    bindings: { variables, ambient: { nowMs, chance }, states: { input, context } },
  };
  return evaluatePayload(state.itemSelector, view);
};
