import { validationError } from "../faults.ts";
import { asText, isList, isObject, member } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { languageExtensions } from "./template.ts";

/** Values of parameters by name; what is not given has its default. */
export type GivenValues = Readonly<Record<string, string>>;

const prefix = "Fn::ForEach::";
const mostItems = 10_000;

const wrongLayout = () => validationError(`Transform ${languageExtensions} failed with: Fn::ForEach layout is incorrect`);

/** Carries out the loops of a template, `Fn::ForEach::Name: [Identifier, list, {key: value}]`, wherever they stand. */
export const expandLoops = (source: JsonObject, given: GivenValues): JsonObject => {
  const transform = source["Transform"];
  const isDeclared = isList(transform) ? transform.includes(languageExtensions) : transform === languageExtensions;
  if (!isDeclared || !JSON.stringify(source).includes(prefix)) return source;
  const itemsOf = (parameter: string): string[] => {
    const text = Object.hasOwn(given, parameter) ? given[parameter] : asText(member(member(source["Parameters"], parameter), "Default"));
    if (text === undefined) throw wrongLayout();
    return text.split(",").map((item) => item.trim());
  };
  const budget = { left: mostItems };
  return expand(source, itemsOf, budget) as JsonObject;
};

type ItemsOf = (parameter: string) => string[];

const expand = (value: Json, itemsOf: ItemsOf, budget: { left: number }): Json => {
  if (isList(value)) return value.map((item) => expand(item, itemsOf, budget));
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([key, child]): [string, Json][] =>
    key.startsWith(prefix) ? loop(child, itemsOf, budget) : [[key, expand(child, itemsOf, budget)]],
  );
  return Object.fromEntries(members);
};

const loop = (argument: Json, itemsOf: ItemsOf, budget: { left: number }): [string, Json][] => {
  const [identifier, collection, body] = isList(argument) && argument.length === 3 ? argument : [];
  if (typeof identifier !== "string" || collection === undefined || !isObject(body)) throw wrongLayout();
  const reference = member(collection, "Ref");
  const items =
    typeof reference === "string" ? itemsOf(reference) : isList(collection) ? collection.map((item) => asText(item)) : undefined;
  if (items === undefined) throw wrongLayout();
  return items.flatMap((item) => {
    if (item === undefined || --budget.left < 0) throw wrongLayout();
    return Object.entries(expand(substitute(body, identifier, item), itemsOf, budget) as JsonObject);
  });
};

/** `${Identifier}` is the item, `&{Identifier}` the item with what no logical id may have left out. */
const substitute = (value: Json, identifier: string, item: string): Json => {
  const inText = (text: string) =>
    text.replaceAll(`\${${identifier}}`, () => item).replaceAll(`&{${identifier}}`, () => item.replaceAll(/[^a-zA-Z0-9]/g, ""));
  if (typeof value === "string") return inText(value);
  if (isList(value)) return value.map((child) => substitute(child, identifier, item));
  if (!isObject(value)) return value;
  if (member(value, "Ref") === identifier && Object.keys(value).length === 1) return item;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [inText(key), substitute(child, identifier, item)]));
};
