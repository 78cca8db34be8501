import type { Tag } from "@aws-sdk/client-cloudformation";
import type { ResourceType } from "../../resource-type.ts";
import { isList, member } from "../template/json.ts";
import type { Json, JsonObject } from "../template/json.ts";

/** The stack's tags go to every resource that can be tagged; a resource's own tag of the same key wins. */
export const withStackTags = (type: ResourceType, properties: JsonObject, stackTags: readonly Tag[]): JsonObject => {
  if (!Object.hasOwn(type.properties, "Tags") || stackTags.length === 0) return properties;
  const own: readonly Json[] = isList(properties["Tags"]) ? properties["Tags"] : [];
  const keys = own.map((tag) => member(tag, "Key"));
  const inherited = stackTags
    .filter(({ Key }) => !keys.includes(Key ?? ""))
    .map(({ Key, Value }) => ({ Key: Key ?? "", Value: Value ?? "" }));
  return { ...properties, Tags: [...own, ...inherited] };
};
