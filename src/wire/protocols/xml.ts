import { XmlShapeSerializer } from "@aws-sdk/core/protocols";
import { XMLParser } from "fast-xml-parser";
import { Fault } from "../fault.ts";
import type { TextNames, TextNode } from "../read-text.ts";
import type { NormalizedSchema } from "../schema.ts";

const malformed = () =>
  new Fault("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);

const maxDepth = 64;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: false,
});

type Ordered = Record<string, unknown>;

/** Parses an XML document to its root's name and tree. A document type, and so any entity of its own, is refused. */
export const parseXml = (body: Uint8Array): { name: string; root: TextNode } | undefined => {
  const text = Buffer.from(body).toString("utf8").trim();
  if (text === "") return undefined;
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw malformed();
  let parsed: Ordered[];
  try {
    parsed = parser.parse(text, true) as Ordered[];
  } catch {
    throw malformed();
  }
  const element = parsed.find((each) => !("?xml" in each) && elementName(each) !== undefined);
  const name = element && elementName(element);
  if (!element || !name || name === "#text") throw malformed();
  return { name, root: toNode(element, name, 0) };
};

const elementName = (element: Ordered) => Object.keys(element).find((key) => key !== ":@");

const toNode = (element: Ordered, name: string, depth: number): TextNode => {
  if (depth > maxDepth) throw malformed();
  const children = new Map<string, TextNode[]>();
  let text = "";
  for (const child of element[name] as Ordered[]) {
    const childName = elementName(child);
    if (childName === undefined) continue;
    if (childName === "#text") text += String(child["#text"]);
    else append(children, childName, toNode(child, childName, depth + 1));
  }
  for (const [key, value] of Object.entries((element[":@"] as Record<string, string> | undefined) ?? {}))
    append(children, key, { text: value, children: new Map() });
  return { text, children };
};

const append = (children: Map<string, TextNode[]>, name: string, node: TextNode) => {
  const siblings = children.get(name);
  if (siblings) siblings.push(node);
  else children.set(name, [node]);
};

export const xmlNames: TextNames = {
  memberName: (member, name) => (member.getMergedTraits().xmlName ?? name).replace(/^.*:/, ""),
  isFlat: (schema) => Boolean(schema.getMergedTraits().xmlFlattened),
  itemName: (item) => item.getMergedTraits().xmlName ?? "member",
  entryName: "entry",
};

/** Writes a structure as an XML element named by its schema. */
export const writeXml = (schema: NormalizedSchema, value: unknown, xmlNamespace: string | undefined): string => {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: true,
    xmlNamespace: xmlNamespace ?? "",
    serviceNamespace: "",
  });
  serializer.write(schema, value);
  return String(serializer.flush());
};

/** What is inside the element that `writeXml` makes. */
export const innerXml = (xml: string): string =>
  xml.endsWith("/>") && !xml.includes("</") ? "" : xml.slice(xml.indexOf(">") + 1, xml.lastIndexOf("</"));

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[sign] ?? sign);

export const xmlElements = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined && typeof value !== "object")
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join("");

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
