import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { collectBytes, openBody } from "./body.ts";
import type { FindCredentials, Log } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import type { OpenedService, Services } from "./dispatch.ts";
import { Fault, internalFailure, methodNotAllowed, notImplemented, unknownOperation } from "./fault.ts";
import { isFormUpload, takeFormUpload } from "./form-upload.ts";
import type { WireRequest, WireResponse } from "./http.ts";
import { defaultRegion, identify, payloadHashOf } from "./identity.ts";
import type { Binding } from "./model.ts";
import { protocols } from "./protocols/index.ts";
import type { Place, Protocol } from "./protocols/protocol.ts";
import { toWireRequest } from "./read-request.ts";
import { isForm, readForm, recognise, regionOfHost } from "./recognise.ts";
import type { Recognised } from "./recognise.ts";
import { sendResponse } from "./respond.ts";
import { parseSignature } from "./signature.ts";
import type { Signature } from "./signature.ts";
import { isFromStrangePage, isStrangeHost } from "./strange-pages.ts";

/** An import of this module would also load its WebSocket, and undici with it: 15 MB and 30 ms that no start should cost. */
const { createServer } = process.getBuiltinModule("node:http");

/** Takes a request that is no AWS operation: health, the registry, function URLs. Answers whether it did. */
export type OtherHandler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

export type GatewayOptions = {
  bindings: readonly Binding[];
  services: Services;
  others: readonly OtherHandler[];
  auth: boolean;
  findCredentials: FindCredentials;
  now: () => number;
  newId: () => string;
  log: Log;
};

const defaultMaxBodyBytes = 10 * 1024 * 1024;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The one door to all services: HTTP in, typed operations, HTTP out. */
export const newGateway = (options: GatewayOptions): { server: Server; listener: RequestListener } => {
  const listener: RequestListener = (request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      options.log.error({ error }, "a request ended in an unexpected error");
      response.destroy();
    });
  };
  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 65_000, requestTimeout: 0 }, listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === "ECONNRESET") return socket.destroy();
    const [status, code] =
      error.code === "HPE_HEADER_OVERFLOW"
        ? ["431 Request Header Fields Too Large", "RequestHeaderSectionTooLarge"]
        : ["400 Bad Request", "BadRequest"];
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>The request could not be read.</Message></Error>`;
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
  return { server, listener };
};

const handle = async (incoming: IncomingMessage, outgoing: ServerResponse, options: GatewayOptions): Promise<void> => {
  const path = (incoming.url ?? "/").split("?", 1)[0] ?? "/";
  const isStrange = isFromStrangePage(incoming);
  const refusal = refusePage(incoming, { path, isStrange, auth: options.auth });
  if (!refusal) for (const other of options.others) if (await other(incoming, outgoing, path)) return;
  const requestId = options.newId();
  const request = toWireRequest(incoming, outgoing);
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  const needsCors = isStrange && !options.auth;
  const answer = refusal ? writeUnrecognised(request, refusal) : await respond(request, { ...options, requestId, scheme, needsCors });
  await sendResponse(outgoing, answer, { request, requestId, log: options.log });
};

/**
 * Pages of other sites may do nothing where nobody has to sign: what a bucket's CORS rules allow is for S3 to say, and the paths of our own (reset)
 * ask for no signature at all.
 */
const refusePage = (
  { method, headers }: IncomingMessage,
  { path, isStrange, auth }: { path: string; isStrange: boolean; auth: boolean },
) => {
  const isOwn = /^\/(?:_|moto-api\/)/.test(path);
  if (isStrangeHost(headers.host) && (!auth || (isOwn && method === "POST"))) return strangeName(headers.host);
  return isStrange && (isOwn || (!auth && path.startsWith("/v2/"))) ? strangePage() : undefined;
};

const strangeName = (host = "") =>
  new Fault("AccessDenied", `This cloud is not known as ${host}: it answers to addresses and local names, or with --auth to any.`, 403);

const strangePage = () =>
  new Fault(
    "AccessDenied",
    "A page of another site may not change anything here, unless a bucket's CORS rules allow it or it runs with --auth.",
    403,
  );

type Arrival = GatewayOptions & { requestId: string; scheme: string; needsCors: boolean };

const respond = async (sent: WireRequest, arrival: Arrival): Promise<WireResponse> => {
  const signature = parseSignature(sent);
  const request = signature?.isPresigned && signature.service === "s3" ? lowerHeaders(sent) : sent;
  let writer: { protocol: Protocol; place: Place } | undefined;
  let crossOrigin: Record<string, string> = {};
  try {
    const formBody = isForm(request) && signature?.service !== "s3" ? await collectBytes(request.body, defaultMaxBodyBytes) : undefined;
    const found = recognise(request, arrival.bindings, signature, formBody && readForm(request, formBody));
    if (!("binding" in found)) return writeUnrecognised(request, notImplemented(found.service, found.operation));
    const service = await arrival.services(found.binding.name);
    const { protocol, place } = (writer = {
      protocol: protocols[found.protocol],
      place: { model: service.model, requestId: arrival.requestId },
    });
    const isPreflight = request.method === "OPTIONS";
    if (service.crossOrigin && (isPreflight || request.headers["origin"] !== undefined)) crossOrigin = await service.crossOrigin(request);
    if (service.crossOrigin && isPreflight) return { status: 200, headers: crossOrigin, body: undefined };
    if (arrival.needsCors && crossOrigin["access-control-allow-origin"] === undefined) throw strangePage();
    return withHeaders(await run({ request, signature, found, formBody, service, protocol, place }, arrival), crossOrigin);
  } catch (error) {
    const fault = error instanceof Fault ? error : internalFailure();
    // A client that breaks off in the middle of its body is no failure of ours.
    if (fault !== error && request.body.errored !== error)
      arrival.log.error({ error, requestId: arrival.requestId, path: request.path }, "an operation failed unexpectedly");
    return withHeaders(writer ? writer.protocol.writeFault(fault, writer.place) : writeUnrecognised(request, fault), crossOrigin);
  }
};

/**
 * The headers that a presigned URL of S3 carries in its query (`x-amz-meta-…`, `x-amz-storage-class`). Checksums stay behind: whoever signed the URL did not
 * know the body.
 */
const lowerHeaders = (request: WireRequest): WireRequest => {
  const lowered = request.query.filter(([name]) => /^x-amz-(?!checksum-|sdk-checksum-)/.test(name));
  return lowered.length === 0 ? request : { ...request, headers: { ...Object.fromEntries(lowered), ...request.headers } };
};

const withHeaders = (response: WireResponse, headers: Record<string, string>): WireResponse => ({
  ...response,
  headers: { ...response.headers, ...headers },
});

type Resolved = {
  request: WireRequest;
  signature: Signature | undefined;
  found: Recognised;
  formBody: Buffer | undefined;
  service: OpenedService;
  protocol: Protocol;
  place: Place;
};

const run = async (resolved: Resolved, arrival: Arrival): Promise<WireResponse> => {
  if (!resolved.service.model.binding.isS3 || !isFormUpload(resolved.request)) return runOperation(resolved, arrival);
  const { auth, now, findCredentials } = arrival;
  return takeFormUpload(resolved.request, {
    auth,
    now: now(),
    find: findCredentials,
    // Its signature was for the policy, and is verified with it.
    put: ({ request, signature }) => runOperation({ ...resolved, request, signature }, { ...arrival, auth: false }),
  });
};

const runOperation = async (
  { request, signature, found, formBody, service, protocol, place }: Resolved,
  arrival: Arrival,
): Promise<WireResponse> => {
  const { model } = service;
  const route = found.operation === undefined ? model.routes.match(request) : undefined;
  const operation = route?.operation ?? model.operations.get(found.operation ?? "");
  if (!operation) throw model.binding.isS3 ? methodNotAllowed(request.method, request.path) : unknownOperation();
  // Leaving the loop early must not break the connection on which the fault is to be sent.
  const source = formBody ? Readable.from([formBody]) : request.body.iterator({ destroyOnReturn: false });
  const raw = { headers: request.headers, maxBytes: model.binding.maxBodyBytes ?? defaultMaxBodyBytes };
  let whole: Buffer | undefined;
  const now = arrival.now();
  const { caller, signer } = await identify(request, signature, {
    auth: arrival.auth,
    find: arrival.findCredentials,
    now,
    payloadHash: () => payloadHashOf(request, signature, async () => (whole = await collectBytes(source, raw.maxBytes))),
  });
  const verify = model.binding.isS3 === true && operation.name !== "CompleteMultipartUpload";
  const body = openBody(whole ? Readable.from([whole]) : source, {
    ...raw,
    verify,
    isUnpacked: !model.binding.isS3,
    ...(signer ? { signer } : {}),
  });
  const read = {
    ...request,
    get body() {
      return body.stream();
    },
  };
  const input = await protocol.readInput(read, operation, { model, route, collect: body.collect, isShort: body.isShort });
  const output = await dispatch(arrival.services, service, operation.name, input, {
    caller,
    region: signature?.region || (regionOfHost(request.host) ?? defaultRegion),
    requestId: arrival.requestId,
    now,
    newId: arrival.newId,
    endpoint: `${arrival.scheme}://${request.host}`,
    signal: request.signal,
    trailers: body.trailers,
  });
  return protocol.writeOutput(operation, output as Record<string, unknown>, place);
};

/** A request for nothing that we have is answered in the form its sender most likely reads. */
const writeUnrecognised = (request: WireRequest, fault: Fault): WireResponse => {
  const isXml = request.headers["x-amz-target"] === undefined && !(request.headers["content-type"] ?? "").includes("json");
  return isXml
    ? {
        status: fault.status ?? 400,
        headers: { "content-type": "application/xml" },
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>${fault.code}</Code><Message>${fault.message.replace(/[<&]/g, " ")}</Message></Error></ErrorResponse>`,
      }
    : {
        status: fault.status ?? 400,
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ __type: fault.code, message: fault.message }),
      };
};
