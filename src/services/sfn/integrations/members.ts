import type { NormalizedSchema } from "#wire/schema.ts";
import type { Target } from "./target.ts";

const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Names that Java keeps for itself. */
const renamed: Readonly<Record<string, string>> = { Equals: "EqualsValue", NULL: "Nul" };

/**
 * A member as `aws-sdk:` resources name it: as a property of AWS's SDK for Java, which writes a leading acronym as a word, with a capital first:
 * `ACL` is `Acl`, `SSEKMSKeyId` is `SsekmsKeyId`, `ETag` stays.
 */
export const sdkName = (name: string): string => {
  const acronym = /^[A-Z]+(?![a-z])/.exec(name)?.[0] ?? name.charAt(0);
  return renamed[name] ?? upperFirst(acronym.toLowerCase() + name.slice(acronym.length));
};

/** How members are named in the parameters and results of a target. */
export const namingOf = ({ kind }: Pick<Target, "kind">): ((name: string) => string) => (kind === "sdk" ? sdkName : upperFirst);

export type Member = { name: string; schema: NormalizedSchema };

/** A structure's members by the names that tasks have for them. */
export const membersOf = (schema: NormalizedSchema, target: Pick<Target, "kind">): Map<string, Member> => {
  const nameOf = namingOf(target);
  return new Map([...schema.structIterator()].map(([name, member]) => [nameOf(name), { name, schema: member }] as const));
};
