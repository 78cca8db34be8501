import { parseQuery } from "../http.ts";
import type { WireRequest } from "../http.ts";
import { readText } from "../read-text.ts";
import type { TextNames, TextNode } from "../read-text.ts";
import type { NormalizedSchema } from "../schema.ts";
import { faultBody, queryErrorHeader, statusOf } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";
import { escapeXml, innerXml, writeXml, xmlElements } from "./xml.ts";

const headers = { "content-type": "text/xml" };

/** awsQuery: `Action`, `Version` and dotted parameter names in a form, XML out. */
export const awsQuery: Protocol = {
  readInput: async (request, operation, { collect }) => readForm(operation.input, request, await collect(), queryNames),
  writeOutput: ({ name, output: schema }, output, { model, requestId }) => {
    const namespace = model.binding.xmlNamespace;
    const result = schema.isUnitSchema() ? "" : `<${name}Result>${innerXml(writeXml(schema, output, undefined))}</${name}Result>`;
    const body = `<${name}Response${attribute(namespace)}>${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, headers, body };
  },
  writeFault: (fault, { model, requestId }) => {
    const status = statusOf(fault, model);
    const code = model.errors.get(fault.code)?.queryCode ?? fault.code;
    const { message: _message, Message: _Message, Type: _type, ...details } = faultBody(fault, model);
    const error = `<Type>${status >= 500 ? "Receiver" : "Sender"}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(fault.message)}</Message>`;
    return {
      status,
      headers: { ...headers, ...queryErrorHeader(fault, model), ...fault.headers },
      body: `<ErrorResponse${attribute(model.binding.xmlNamespace)}><Error>${error}${xmlElements(details)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  },
};

/** ec2Query: as awsQuery, with flat lists, its own names, and an answer without a result wrapper. */
export const ec2Query: Protocol = {
  readInput: async (request, operation, { collect }) => readForm(operation.input, request, await collect(), ec2Names),
  writeOutput: ({ name, output: schema }, output, { model, requestId }) => {
    const inner = schema.isUnitSchema() ? "" : innerXml(writeXml(schema, output, undefined));
    return {
      status: 200,
      headers,
      body: `<${name}Response${attribute(model.binding.xmlNamespace)}><requestId>${requestId}</requestId>${inner}</${name}Response>`,
    };
  },
  writeFault: (fault, { model, requestId }) => ({
    status: statusOf(fault, model),
    headers: { ...headers, ...fault.headers },
    body: `<Response><Errors><Error><Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
};

const attribute = (namespace: string | undefined) => (namespace ? ` xmlns="${namespace}"` : "");

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const queryNames: TextNames = {
  memberName: (member, name) => member.getMemberTraits().xmlName ?? name,
  isFlat: () => true,
  itemName: () => "",
  entryName: "",
};

/** ec2QueryName, else the XML name with its first letter in upper case: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
const ec2Names: TextNames = {
  ...queryNames,
  memberName: (member, name) => {
    const traits: { ec2QueryName?: string; xmlName?: string } = member.getMemberTraits();
    return traits.ec2QueryName ?? upperFirst(traits.xmlName ?? name);
  },
};

/** Dotted names as a tree; lists and maps are resolved with the schema, since `member.1`, `entry.1` and plain numbers all occur. */
type FormNode = { text: string; children: Map<string, FormNode> };

const newNode = (): FormNode => ({ text: "", children: new Map() });

const readForm = (schema: NormalizedSchema, request: WireRequest, body: Buffer, names: TextNames): unknown => {
  const root = newNode();
  for (const [name, value] of [...request.query, ...parseQuery(body.toString("utf8"))]) place(root, name.split("."), value);
  return readText(schema, [toNode(root, schema, names)], names) ?? {};
};

const maxSteps = 32;

const place = (root: FormNode, steps: readonly string[], value: string): void => {
  let node = root;
  for (const step of steps.slice(0, maxSteps)) {
    const child = node.children.get(step) ?? newNode();
    node.children.set(step, child);
    node = child;
  }
  node.text = value;
};

const toNode = (node: FormNode, schema: NormalizedSchema, names: TextNames): TextNode => {
  const children = new Map<string, TextNode[]>();
  const adopt = (name: string, member: NormalizedSchema) => {
    const child = node.children.get(name);
    if (child) children.set(name, toNodes(child, member, names));
  };
  if (schema.isStructSchema()) {
    for (const [memberName, member] of schema.structIterator()) adopt(names.memberName(member, memberName), member);
  } else if (schema.isMapSchema()) {
    adopt(schema.getKeySchema().getMergedTraits().xmlName ?? "key", schema.getKeySchema());
    adopt(schema.getValueSchema().getMergedTraits().xmlName ?? "value", schema.getValueSchema());
  }
  return { text: node.text, children };
};

/** A list's items, or a map's entries, in numeric order; an empty list is sent as an empty parameter. */
const toNodes = (node: FormNode, schema: NormalizedSchema, names: TextNames): TextNode[] => {
  if (!schema.isListSchema() && !schema.isMapSchema()) return [toNode(node, schema, names)];
  const wrapper = schema.isMapSchema() ? "entry" : (schema.getValueSchema().getMergedTraits().xmlName ?? "member");
  const items = (node.children.get("member") ?? node.children.get(wrapper) ?? node).children;
  const each = schema.isMapSchema() ? schema : schema.getValueSchema();
  return [...items.entries()]
    .filter(([index]) => /^\d+$/.test(index))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => toNode(item, each, names));
};
