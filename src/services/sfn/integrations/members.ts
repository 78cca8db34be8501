import type { NormalizedSchema } from "#wire/schema.ts";
import type { Target } from "./target.ts";

/** A member of a structure: as the operation names it, and as tasks do. */
export type Member = { name: string; told: string; schema: NormalizedSchema };

/** How tasks name the members of structures: one way of it, which remembers what it has read. */
export type Naming = {
  kind: Target["kind"];
  nameOf(name: string): string;
  membersOf(schema: NormalizedSchema): { byTold: ReadonlyMap<string, Member>; byName: ReadonlyMap<string, Member> };
};

/** The ways of the two kinds of integrations. */
export type Namings = Readonly<Record<Target["kind"], Naming>>;

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

export const newNamings = (): Namings => ({ sdk: newNaming("sdk", sdkName), optimised: newNaming("optimised", upperFirst) });

const newNaming = (kind: Target["kind"], nameOf: Naming["nameOf"]): Naming => {
  const known = new WeakMap<object, ReturnType<Naming["membersOf"]>>();
  const read = (schema: NormalizedSchema) => {
    const members = [...schema.structIterator()].map(([name, member]): Member => ({ name, told: nameOf(name), schema: member }));
    const by = (key: "name" | "told") => new Map(members.map((member) => [member[key], member] as const));
    return { byTold: by("told"), byName: by("name") };
  };
  return {
    kind,
    nameOf,
    membersOf: (schema) => {
      const shape: unknown = schema.getSchema();
      if (typeof shape !== "object" || shape === null) return read(schema);
      const found = known.get(shape) ?? read(schema);
      known.set(shape, found);
      return found;
    },
  };
};
