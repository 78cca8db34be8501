import { serializationFault } from "./fault.ts";
import { NormalizedSchema } from "./schema.ts";
import { parseTimestamp, timestampFormat } from "./timestamps.ts";
import type { TimestampFormat } from "./timestamps.ts";

/**
 * A value of a format that has only text (XML elements, form fields): text, or children by name. Both protocols turn what they receive into
 * this tree; what a schema makes of it is the same for both.
 */
export type TextNode = { text: string; children: ReadonlyMap<string, readonly TextNode[]> };

/** How the two formats differ in naming. */
export type TextNames = {
  memberName(member: NormalizedSchema, name: string): string;
  isFlat(schema: NormalizedSchema): boolean;
  /** The element name of a list's items, where they are wrapped; undefined takes children named `1`, `2`, … in numeric order. */
  itemName(item: NormalizedSchema): string;
  entryName: string;
};

export const readText = (schema: NormalizedSchema, nodes: readonly TextNode[], names: TextNames): unknown => {
  const node = nodes[0];
  if (!node) return undefined;
  if (schema.isStructSchema()) return readStructure(schema, node, names);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const items = names.isFlat(schema) ? nodes : (node.children.get(names.itemName(item)) ?? []);
    return items.map((each) => readText(item, [each], names));
  }
  if (schema.isMapSchema()) return readMap(schema, nodes, names);
  return readTextLeaf(schema, node.text);
};

const readStructure = (schema: NormalizedSchema, node: TextNode, names: TextNames) => {
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const children = node.children.get(names.memberName(member, name));
    if (!children) continue;
    const read = readText(member, children, names);
    if (read !== undefined) output[name] = read;
  }
  return output;
};

const readMap = (schema: NormalizedSchema, nodes: readonly TextNode[], names: TextNames) => {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? "key";
  const value = schema.getValueSchema();
  const valueName = value.getMergedTraits().xmlName ?? "value";
  const entries = names.isFlat(schema) ? nodes : (nodes[0]?.children.get(names.entryName) ?? []);
  return Object.fromEntries(
    entries.map((entry) => [entry.children.get(keyName)?.[0]?.text ?? "", readText(value, entry.children.get(valueName) ?? [], names)]),
  );
};

/** Reads text as what the schema says it is: header, query and label values come this way too. */
export const readTextLeaf = (schema: NormalizedSchema, text: string, timestamps: TimestampFormat = "date-time"): unknown => {
  if (schema.isStringSchema()) return text;
  if (schema.isBooleanSchema()) {
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    throw serializationFault(`${text} can not be converted to a Boolean`);
  }
  if (schema.isNumericSchema()) {
    const number = Number(text);
    if (text.trim() !== "" && !Number.isNaN(number)) return number;
    throw serializationFault(`${text === "" ? "The empty string" : text} can not be converted to an Integer`);
  }
  if (schema.isTimestampSchema()) {
    const date = parseTimestamp(timestampFormat(schema, timestamps), text);
    if (!Number.isNaN(date.getTime())) return date;
    throw serializationFault(`${text} is not a valid timestamp`);
  }
  if (schema.isBlobSchema()) return Buffer.from(text, "base64");
  return text;
};
