import { createHash } from "node:crypto";
import type { RoutingConfigurationListItem } from "@aws-sdk/client-sfn";

/** The version number that an alias leads to, by its weights and a unique text to draw the lot from. */
export const chooseVersion = (routing: readonly RoutingConfigurationListItem[], entropy: string): number => {
  const lot = createHash("sha256").update(entropy).digest().readUInt32BE() % 100;
  const [first] = routing;
  const chosen = routing.length > 1 && lot >= (first?.weight ?? 100) ? routing[1] : first;
  return Number(chosen?.stateMachineVersionArn?.split(":").at(-1));
};
