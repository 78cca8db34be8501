import type { ExecutionRecord } from "../execution-rows.ts";
import { SeededChance } from "../language/interpreter/chance.ts";
import type { Effect } from "../language/interpreter/effects.ts";
import type { MapRunSpec } from "../language/interpreter/map-run-spec.ts";
import { mapRunArn } from "../arns.ts";
import type { MapRunChange } from "./map-run-rows.ts";

/** What an effect of an execution's step does to its map runs, written in the step's own commit. */
export const mapRunChanges = ({ arn, machineArn, revisionId }: ExecutionRecord, effect: Effect, newId: () => string): MapRunChange[] => {
  if (effect.kind === "cancelMapRun") return [{ kind: "abort", executionArn: arn, key: effect.key }];
  if (effect.kind !== "mapRun") return [];
  const { key, spec } = effect;
  if (effect.redriven) return [{ kind: "redrive", executionArn: arn, key }];
  const label = spec.label ?? labelOf(spec);
  return [{ kind: "open", run: { arn: mapRunArn(machineArn, label, newId()), executionArn: arn, key, revisionId, label, spec } }];
};

/** A Map state without a Label has one of ours, which stays the same as long as the state does. */
const labelOf = ({ scope, state }: MapRunSpec): string => new SeededChance(`${scope} ${state}`).uuid();
