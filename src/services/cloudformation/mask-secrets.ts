import type { Desired, Stack } from "./cloudformation.ts";
import { isList, isObject } from "./template/json.ts";
import type { Json } from "./template/json.ts";

const mask = "****";
/** A shorter value is masked only where it stands alone: it may be a part of anything. */
const shortest = 4;

/** Hides the values of `NoEcho` parameters in what events show of a resource. */
export const maskSecrets = (value: Json, { noEcho }: Pick<Stack, "noEcho">, { values }: Pick<Desired, "values">): Json => {
  const secrets = noEcho.map((name) => values[name] ?? "").filter((secret) => secret !== "");
  return secrets.length === 0 ? value : hide(value, secrets);
};

const hide = (value: Json, secrets: readonly string[]): Json => {
  if (isList(value)) return value.map((item) => hide(item, secrets));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, hide(child, secrets)]));
  if (secrets.includes(String(value))) return mask;
  if (typeof value !== "string") return value;
  return secrets.filter((secret) => secret.length >= shortest).reduce((text, secret) => text.replaceAll(secret, mask), value);
};
