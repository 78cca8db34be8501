import { cbor, CborShapeSerializer2 } from "@smithy/core/cbor";
import { serializationFault } from "../fault.ts";
import { readDocument } from "../read-document.ts";
import type { DocumentLeaves } from "../read-document.ts";
import type { NormalizedSchema } from "../schema.ts";
import { eventStreamType, writeEventStream } from "./event-stream.ts";
import { faultBody, queryErrorHeader, statusOf } from "./protocol.ts";
import type { Protocol } from "./protocol.ts";

const contentType = "application/cbor";
const marker = { "smithy-protocol": "rpc-v2-cbor" };

const leaves: DocumentLeaves = {
  jsonName: false,
  readBlob: (value) => (value instanceof Uint8Array ? value : undefined),
  readTimestamp: (_schema, value) => {
    if (value instanceof Date) return value;
    if (typeof value === "number") return new Date(value * 1000);
    const tagged = value as { tag?: number; value?: number } | null;
    return typeof tagged === "object" && tagged?.tag === 1 && tagged.value !== undefined
      ? new Date(Number(tagged.value) * 1000)
      : undefined;
  },
};

/** Smithy RPC v2 CBOR: `POST /service/<name>/operation/<name>`. */
export const rpcV2Cbor: Protocol = {
  readInput: async (_request, operation, { collect }) => readDocument(operation.input, parse(await collect()), leaves) ?? {},
  writeOutput: (operation, output) => {
    const streamMember = operation.output.isStructSchema() ? operation.output.getEventStreamMember() : "";
    if (!streamMember) {
      const isEmpty = operation.output.isUnitSchema();
      return {
        status: 200,
        headers: { ...marker, "content-type": contentType },
        body: isEmpty ? cbor.serialize({}) : write(operation.output, output),
      };
    }
    const { [streamMember]: _stream, ...initial } = output;
    const body = writeEventStream(operation.output, output, { serializer: new CborShapeSerializer2(), contentType, initial });
    return { status: 200, headers: { ...marker, "content-type": eventStreamType }, body };
  },
  writeFault: (fault, { model }) => ({
    status: statusOf(fault, model),
    headers: { ...marker, "content-type": contentType, ...queryErrorHeader(fault, model), ...fault.headers },
    body: cbor.serialize({ __type: model.errors.get(fault.code)?.schema.getName(true) ?? fault.code, ...faultBody(fault, model) }),
  }),
};

const parse = (body: Uint8Array): unknown => {
  if (body.length === 0) return {};
  try {
    return cbor.deserialize(body);
  } catch {
    throw serializationFault("Unable to parse the request body as CBOR");
  }
};

const write = (schema: NormalizedSchema, value: unknown): Uint8Array => {
  const serializer = new CborShapeSerializer2();
  serializer.write(schema, value);
  return serializer.flush();
};
