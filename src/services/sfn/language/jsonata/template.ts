import { isArray, isObject, type Json } from "../json.ts";
import { expressionIn } from "./delimiters.ts";
import { ask, type Bindings, type Query } from "./expression.ts";

/** JSON whose strings in `{% %}` are JSONata expressions. */
export type QueryTemplate =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, QueryTemplate])[] }
  | { readonly kind: "array"; readonly items: readonly QueryTemplate[] };

/** Compiles one expression found at a field; `undefined` if it has been complained about. */
export type CompileQuery = (source: string, field: string) => Query | undefined;

export const parseQueryTemplate = (value: Json, field: string, compileQuery: CompileQuery): QueryTemplate => {
  if (typeof value === "string") {
    const source = expressionIn(value);
    const query = source === undefined ? undefined : compileQuery(source, field);
    return query === undefined ? { kind: "literal", value } : { kind: "query", query };
  }
  if (isArray(value)) {
    const items = value.map((item, index) => parseQueryTemplate(item, `${field}[${index}]`, compileQuery));
    return items.every((item) => item.kind === "literal") ? { kind: "literal", value } : { kind: "array", items };
  }
  if (!isObject(value)) return { kind: "literal", value };
  const members = Object.entries(value).map(([key, inner]) => [key, parseQueryTemplate(inner, `${field}/${key}`, compileQuery)] as const);
  return members.every(([, inner]) => inner.kind === "literal") ? { kind: "literal", value } : { kind: "object", members };
};

export const fillQueries = async (template: QueryTemplate, bindings: Bindings): Promise<Json> => {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "query":
      return ask(template.query, bindings);
    case "array": {
      const items: Json[] = [];
      for (const item of template.items) items.push(await fillQueries(item, bindings));
      return items;
    }
    case "object": {
      const members: [string, Json][] = [];
      for (const [key, inner] of template.members) members.push([key, await fillQueries(inner, bindings)]);
      return Object.fromEntries(members);
    }
  }
};
