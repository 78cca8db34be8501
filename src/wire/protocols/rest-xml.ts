import { XmlShapeSerializer } from "@aws-sdk/core/protocols";
import { Fault } from "../fault.ts";
import type { WireResponse } from "../http.ts";
import { readText } from "../read-text.ts";
import type { NormalizedSchema } from "../schema.ts";
import { writeEventStream } from "./event-stream.ts";
import { statusOf } from "./protocol.ts";
import { compilePlainXml } from "./plain-xml.ts";
import type { Protocol } from "./protocol.ts";
import { readRestInput, writeRestOutput } from "./rest.ts";
import type { RestBody } from "./rest.ts";
import { escapeXml, parseXml, writeXml, xmlDeclaration, xmlElements, xmlNames } from "./xml.ts";

const xmlBody = (namespace: string | undefined): RestBody => ({
  contentType: "application/xml",
  readBody: (schema, bytes) => readXml(schema, bytes) ?? {},
  readPayload: (member, bytes) => readXml(member, bytes),
  writeBody: (schema, value) => xmlDeclaration + writeRoot(schema, value, namespace),
  writePayload: (member, value) => xmlDeclaration + writeXml(member, value, namespace),
  writeEvents: (schema, output) =>
    writeEventStream(schema, output, {
      serializer: new XmlShapeSerializer({
        timestampFormat: { useTrait: true, default: 5 },
        xmlNamespace: namespace ?? "",
        serviceNamespace: "",
      }),
      contentType: "text/xml",
      initial: undefined,
    }),
});

/** Writers that were compiled, by their schema. */
const plainWriters = new WeakMap<NormalizedSchema, ReturnType<typeof compilePlainXml> | "none">();

const writeRoot = (schema: NormalizedSchema, value: Record<string, unknown>, namespace: string | undefined): string => {
  let write = plainWriters.get(schema);
  if (write === undefined) plainWriters.set(schema, (write = compilePlainXml(schema) ?? "none"));
  if (write === "none") return writeXml(schema, value, namespace);
  const name = schema.getMergedTraits().xmlName ?? schema.getName();
  return `<${name}${namespace ? ` xmlns="${namespace}"` : ""}>${write(value)}</${name}>`;
};

const readXml = (schema: NormalizedSchema, bytes: Uint8Array) => {
  const document = parseXml(bytes);
  return document && (readText(schema, [document.root], xmlNames) as Record<string, unknown>);
};

/** restXml: paths, queries and headers by binding, XML bodies; S3's errors come without a wrapper. */
export const restXml: Protocol = {
  readInput: async (request, operation, at) => {
    try {
      return await readRestInput(request, operation, at, xmlBody(at.model.binding.xmlNamespace));
    } catch (error) {
      const isTyping = at.model.binding.isS3 && error instanceof Fault && error.code === "SerializationException";
      throw isTyping ? new Fault("InvalidArgument", error.message, 400) : error;
    }
  },
  writeOutput: (operation, output, { model, requestId }) => {
    const namespace = model.binding.xmlNamespace;
    if (!model.binding.isS3) return writeRestOutput(operation, output, xmlBody(namespace));
    const response: WireResponse =
      operation.name === "GetBucketLocation" ? writeLocation(output, namespace) : writeRestOutput(operation, output, xmlBody(namespace));
    // The model has one status an operation; a part of an object is 206.
    const status = response.headers["content-range"] === undefined ? response.status : 206;
    return { ...response, status, headers: { ...s3Headers(requestId), ...response.headers } };
  },
  writeFault: (fault, { model, requestId }) => {
    const inner = `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>${xmlElements(fault.details)}`;
    const body = model.binding.isS3
      ? `<Error>${inner}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`
      : `<ErrorResponse${model.binding.xmlNamespace ? ` xmlns="${model.binding.xmlNamespace}"` : ""}><Error><Type>Sender</Type>${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    const status = statusOf(fault, model);
    const headers = { ...(model.binding.isS3 ? s3Headers(requestId) : {}), ...fault.headers };
    if (status === 304) return { status, headers, body: undefined };
    return {
      status,
      headers: { "content-type": "application/xml", ...headers },
      body: xmlDeclaration + body,
    };
  },
};

/** By these clients tell S3, and its host, in what they log and report. */
const s3Headers = (requestId: string) => ({ server: "AmazonS3", "x-amz-id-2": requestId });

/** The one output of S3 whose root element is its member: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
const writeLocation = (output: Record<string, unknown>, namespace: string | undefined) => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: `${xmlDeclaration}<LocationConstraint xmlns="${namespace ?? ""}">${escapeXml(String(output["LocationConstraint"] ?? ""))}</LocationConstraint>`,
});
