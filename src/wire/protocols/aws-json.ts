import type { Model } from "../model.ts";
import { readDocument } from "../read-document.ts";
import { eventStreamType, writeEventStream } from "./event-stream.ts";
import { jsonLeaves, jsonSerializer, parseJson, writeJson } from "./json.ts";
import { faultBody, queryErrorHeader, statusOf } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";

const leaves = jsonLeaves(false);

/** awsJson 1.0 and 1.1: the operation in `X-Amz-Target`, everything else in one JSON body. */
export const awsJson = (version: "1.0" | "1.1"): Protocol => {
  const contentType = `application/x-amz-json-${version}`;
  return {
    readInput: async (_request, operation, { collect }) => readDocument(operation.input, parseJson(await collect()), leaves) ?? {},
    writeOutput: (operation, output) => {
      const streamMember = operation.output.isStructSchema() ? operation.output.getEventStreamMember() : "";
      if (!streamMember)
        return {
          status: 200,
          headers: { "content-type": contentType },
          body: operation.output.isUnitSchema() ? "{}" : writeJson(operation.output, output, false),
        };
      const { [streamMember]: _stream, ...initial } = output;
      const body = writeEventStream(operation.output, output, {
        serializer: jsonSerializer(false),
        contentType: "application/json",
        initial,
      });
      return { status: 200, headers: { "content-type": eventStreamType }, body };
    },
    writeFault: (fault, { model }) => ({
      status: statusOf(fault, model),
      headers: { "content-type": contentType, ...queryErrorHeader(fault, model), ...fault.headers },
      body: JSON.stringify({ __type: typeName(fault.code, model), ...faultBody(fault, model) }),
    }),
  };
};

/** SQS and the other query-compatible services name their errors in full. */
const typeName = (code: string, model: Model) =>
  model.binding.isQueryCompatible ? (model.errors.get(code)?.schema.getName(true) ?? code) : code;
