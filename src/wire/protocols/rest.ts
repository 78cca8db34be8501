import type { Readable } from "node:stream";
import type { WireBody, WireRequest, WireResponse } from "../http.ts";
import { readTextLeaf } from "../read-text.ts";
import type { NormalizedSchema, OperationSchema } from "../schema.ts";
import { formatTimestamp, timestampFormat } from "../timestamps.ts";
import type { TimestampFormat } from "../timestamps.ts";
import { eventStreamType } from "./event-stream.ts";
import type { InputPlace } from "./protocol.ts";

/** What the two REST protocols do differently: the body. */
export type RestBody = {
  contentType: string;
  readBody(schema: NormalizedSchema, body: Buffer): Promise<Record<string, unknown>> | Record<string, unknown>;
  readPayload(member: NormalizedSchema, body: Buffer): unknown;
  writeBody(schema: NormalizedSchema, value: Record<string, unknown>): WireBody;
  writePayload(member: NormalizedSchema, value: unknown): WireBody;
  writeEvents(schema: NormalizedSchema, output: Record<string, unknown>): WireBody;
};

/** Gathers an input from path labels, query, headers and body, by each member's binding. */
export const readRestInput = async (request: WireRequest, { input }: OperationSchema, at: InputPlace, body: RestBody) => {
  const output: Record<string, unknown> = {};
  let payload: [name: string, member: NormalizedSchema] | undefined;
  let hasBodyMembers = false;
  for (const [name, member] of input.isStructSchema() ? input.structIterator() : []) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) setLeaf(output, name, member, at.route?.labels[name]);
    else if (traits.httpQuery) readQuery(output, name, member, valuesOf(request, traits.httpQuery));
    else if (traits.httpQueryParams) output[name] = otherQuery(request, input);
    else if (traits.httpHeader) readHeader(output, name, member, request.headers[traits.httpHeader.toLowerCase()]);
    else if (traits.httpPrefixHeaders !== undefined) readPrefixHeaders(output, name, request, traits.httpPrefixHeaders);
    else if (traits.httpPayload) payload = [name, member];
    else hasBodyMembers = true;
  }
  if (payload) {
    const [name, member] = payload;
    const isStream = member.isStreaming() && !member.isStructSchema();
    const value = !isStream ? readPayload(member, await at.collect(), body) : at.isShort ? await at.collect() : streamOf(request);
    if (value !== undefined) output[name] = value;
  } else if (hasBodyMembers) Object.assign(output, await body.readBody(input, await at.collect()));
  return output;
};

const streamOf = (request: WireRequest): Readable => request.body;

const readPayload = (member: NormalizedSchema, bytes: Buffer, body: RestBody): unknown => {
  if (bytes.length === 0) return undefined;
  if (member.isBlobSchema()) return bytes;
  return member.isStringSchema() ? bytes.toString("utf8") : body.readPayload(member, bytes);
};

const valuesOf = (request: WireRequest, name: string) => request.query.filter(([key]) => key === name).map(([, value]) => value);

const setLeaf = (
  output: Record<string, unknown>,
  name: string,
  member: NormalizedSchema,
  text: string | undefined,
  format?: TimestampFormat,
) => {
  if (text !== undefined) output[name] = readTextLeaf(member, text, format);
};

const readQuery = (output: Record<string, unknown>, name: string, member: NormalizedSchema, values: string[]) => {
  if (values.length === 0) return;
  if (member.isListSchema()) output[name] = values.map((value) => readTextLeaf(member.getValueSchema(), value));
  else setLeaf(output, name, member, values[0]);
};

const otherQuery = (request: WireRequest, input: NormalizedSchema) => {
  const bound = new Set([...input.structIterator()].map(([, member]) => member.getMergedTraits().httpQuery));
  return Object.fromEntries(request.query.filter(([name]) => !bound.has(name)));
};

const readHeader = (output: Record<string, unknown>, name: string, member: NormalizedSchema, text: string | undefined) => {
  if (text === undefined) return;
  if (member.isListSchema()) output[name] = text.split(",").map((each) => readTextLeaf(member.getValueSchema(), each.trim(), "http-date"));
  else setLeaf(output, name, member, text, "http-date");
};

const readPrefixHeaders = (output: Record<string, unknown>, name: string, request: WireRequest, prefix: string) => {
  const lower = prefix.toLowerCase();
  const found = Object.entries(request.headers).filter(([header]) => header.startsWith(lower));
  if (found.length > 0) output[name] = Object.fromEntries(found.map(([header, value]) => [header.slice(lower.length), value]));
};

/** Spreads an output over status, headers and body, by each member's binding. */
export const writeRestOutput = (operation: OperationSchema, output: Record<string, unknown>, body: RestBody): WireResponse => {
  const schema = operation.output;
  const response: WireResponse = { status: operation.http?.[2] ?? 200, headers: {}, body: undefined };
  const rest: Record<string, unknown> = {};
  let payload: [name: string, member: NormalizedSchema] | undefined;
  let hasBodyMembers = false;
  for (const [name, member] of schema.isStructSchema() ? schema.structIterator() : []) {
    const traits = member.getMergedTraits();
    const value = output[name];
    if (traits.httpPayload) payload = [name, member];
    else if (traits.httpHeader) writeHeader(response.headers, traits.httpHeader, member, value);
    else if (traits.httpPrefixHeaders !== undefined) writePrefixHeaders(response.headers, traits.httpPrefixHeaders, value);
    else if (traits.httpResponseCode) response.status = typeof value === "number" ? value : response.status;
    else {
      hasBodyMembers = true;
      if (value !== undefined) rest[name] = value;
    }
  }
  if (payload) writePayload(response, payload, output, { schema, body });
  else if (hasBodyMembers) {
    response.body = body.writeBody(schema, rest);
    response.headers["content-type"] ??= body.contentType;
  }
  return response;
};

type PayloadPlace = { schema: NormalizedSchema; body: RestBody };

const writePayload = (
  response: WireResponse,
  [name, member]: [string, NormalizedSchema],
  output: Record<string, unknown>,
  { schema, body }: PayloadPlace,
) => {
  const value = output[name];
  if (value === undefined) return;
  if (member.isStreaming() && member.isStructSchema()) {
    response.body = body.writeEvents(schema, output);
    response.headers["content-type"] = eventStreamType;
  } else if (member.isBlobSchema() || member.isStringSchema()) {
    response.body = value as WireBody;
    response.headers["content-type"] ??= member.isBlobSchema() ? "application/octet-stream" : "text/plain";
  } else {
    response.body = body.writePayload(member, value);
    response.headers["content-type"] ??= body.contentType;
  }
};

const writeHeader = (headers: Record<string, string>, header: string, member: NormalizedSchema, value: unknown) => {
  if (value === undefined || value === null) return;
  headers[header.toLowerCase()] = Array.isArray(value)
    ? value.map((each) => headerText(member.getValueSchema(), each)).join(", ")
    : headerText(member, value);
};

const headerText = (member: NormalizedSchema, value: unknown) =>
  value instanceof Date ? formatTimestamp(timestampFormat(member, "http-date"), value) : String(value);

const writePrefixHeaders = (headers: Record<string, string>, prefix: string, value: unknown) => {
  for (const [name, text] of Object.entries((value as Record<string, string> | undefined) ?? {}))
    headers[(prefix + name).toLowerCase()] = text;
};
