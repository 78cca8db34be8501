import type { NormalizedSchema } from "../schema.ts";
import { formatTimestamp, timestampFormat } from "../timestamps.ts";

/** Writes a value as an element of this name. */
type Write = (name: string, value: unknown) => string;

/**
 * A writer for a structure that needs no attribute, map or blob, made once from its schema: a list of a thousand objects costs a fifth of what it
 * costs to build a tree of nodes. Undefined for any other structure. Says what the SDK's own serializer says.
 */
export const compilePlainXml = (schema: NormalizedSchema): ((value: Record<string, unknown>) => string) | undefined => {
  const write = compileContent(schema, 0);
  return write && ((value) => write("", value));
};

const maxDepth = 12;

const compileContent = (schema: NormalizedSchema, depth: number): Write | undefined => {
  const writers: [member: string, element: string, write: Write][] = [];
  if (depth > maxDepth) return undefined;
  for (const [member, each] of schema.structIterator()) {
    const traits = each.getMergedTraits();
    if (traits.httpHeader || traits.httpPrefixHeaders !== undefined || traits.httpResponseCode || traits.httpPayload) continue;
    const write = traits.xmlAttribute ? undefined : compile(each, depth + 1);
    if (!write) return undefined;
    writers.push([member, traits.xmlName ?? member, write]);
  }
  return (_name, value) => {
    const record = value as Record<string, unknown>;
    let text = "";
    for (const [member, element, write] of writers) {
      const held = record[member];
      if (held !== undefined && held !== null) text += write(element, held);
    }
    return text;
  };
};

const compile = (schema: NormalizedSchema, depth: number): Write | undefined => {
  const traits = schema.getMergedTraits();
  if (traits.xmlNamespace || schema.isMapSchema() || schema.isBlobSchema() || schema.isUnionSchema()) return undefined;
  if (schema.isListSchema()) return compileList(schema, depth);
  if (schema.isStructSchema()) {
    const content = compileContent(schema, depth);
    return content && ((name, value) => `<${name}>${content("", value)}</${name}>`);
  }
  if (schema.isTimestampSchema()) {
    const format = timestampFormat(schema, "date-time");
    return (name, value) => `<${name}>${formatTimestamp(format, value as Date)}</${name}>`;
  }
  if (schema.isStringSchema()) return (name, value) => `<${name}>${escapeText(String(value))}</${name}>`;
  const isPlain = schema.isBooleanSchema() || schema.isNumericSchema();
  return isPlain ? (name, value) => `<${name}>${String(value)}</${name}>` : undefined;
};

const compileList = (schema: NormalizedSchema, depth: number): Write | undefined => {
  const item = schema.getValueSchema();
  const write = item.isListSchema() ? undefined : compile(item, depth + 1);
  if (!write) return undefined;
  const join = (name: string, value: unknown) => {
    let text = "";
    for (const each of value as readonly unknown[]) if (each !== undefined && each !== null) text += write(name, each);
    return text;
  };
  if (schema.getMergedTraits().xmlFlattened) return join;
  const itemName = item.getMergedTraits().xmlName ?? "member";
  return (name, value) => `<${name}>${join(itemName, value)}</${name}>`;
};

const special = /[&<>"'\r\n\u0085\u2028]/;
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#x0D;",
  "\n": "&#x0A;",
  "\u0085": "&#x85;",
  "\u2028": "&#x2028;",
};

/** Line ends are escaped as well: a parser would make them all alike. */
const escapeText = (text: string) =>
  special.test(text) ? text.replace(/[&<>"'\r\n\u0085\u2028]/g, (sign) => escapes[sign] ?? sign) : text;
