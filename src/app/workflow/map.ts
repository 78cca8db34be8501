import type { Scope } from "./definition.ts";
import { toTemplate } from "./expression.ts";
import type { Expression, Json } from "./expression.ts";
import { each, Items } from "./items.ts";
import type { Dataset } from "./items.ts";
import type { MapOptions } from "./options.ts";

/** The fields of a Map over these items, with the states that each goes through. */
export const mapFields = <Item>(
  items: Items<Item> | Dataset<Item> | Expression<readonly Item[]>,
  scope: Scope,
  options: MapOptions,
): Record<string, Json> => {
  const wanted = items instanceof Items ? items : each(items as Dataset<Item>);
  const isDistributed = wanted.isDistributed || options.distributed === true || options.express === true;
  const ProcessorConfig = isDistributed
    ? { Mode: "DISTRIBUTED", ExecutionType: options.express === true ? "EXPRESS" : "STANDARD" }
    : { Mode: "INLINE" };
  const { concurrency, toleratedFailures, toleratedFailurePercentage } = options;
  const limits = {
    MaxConcurrency: concurrency,
    ToleratedFailureCount: toleratedFailures,
    ToleratedFailurePercentage: toleratedFailurePercentage,
  };
  return { ...wanted.fields, ItemProcessor: { ProcessorConfig, ...scope }, ...(toTemplate(limits) as Record<string, Json>) };
};
