import { readDocument } from "../read-document.ts";
import { writeEventStream } from "./event-stream.ts";
import { jsonLeaves, jsonSerializer, parseJson, writeJson } from "./json.ts";
import { faultBody, queryErrorHeader, statusOf } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";
import { readRestInput, writeRestOutput } from "./rest.ts";
import type { RestBody } from "./rest.ts";

const leaves = jsonLeaves(true);

const body: RestBody = {
  contentType: "application/json",
  readBody: (schema, bytes) => (readDocument(schema, parseJson(bytes), leaves) ?? {}) as Record<string, unknown>,
  readPayload: (member, bytes) => readDocument(member, parseJson(bytes), leaves),
  writeBody: (schema, value) => writeJson(schema, value, true),
  writePayload: (member, value) => writeJson(member, value, true),
  writeEvents: (schema, output) =>
    writeEventStream(schema, output, { serializer: jsonSerializer(true), contentType: "application/json", initial: undefined }),
};

/** restJson1: paths, queries and headers by binding, JSON bodies. */
export const restJson: Protocol = {
  readInput: (request, operation, at) => readRestInput(request, operation, at, body),
  writeOutput: (operation, output) => writeRestOutput(operation, output, body),
  writeFault: (fault, { model }) => ({
    status: statusOf(fault, model),
    headers: { "content-type": "application/json", "x-amzn-errortype": fault.code, ...queryErrorHeader(fault, model), ...fault.headers },
    body: JSON.stringify(faultBody(fault, model)),
  }),
};
