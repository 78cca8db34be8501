import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Log } from "./context.ts";
import type { WireRequest, WireResponse } from "./http.ts";

type Sending = { request: WireRequest; requestId: string; log: Log };

/** Writes a response; small bodies in one segment, streams as they come. An error within a stream breaks the connection, so that no client takes a part for the whole. */
export const sendResponse = async (outgoing: ServerResponse, answer: WireResponse, { request, requestId, log }: Sending): Promise<void> => {
  const headers = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId, ...answer.headers } as Record<string, string | number>;
  if (!request.body.readableEnded) leaveUnread(request, headers);
  const { body } = answer;
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    if (body !== undefined) headers["content-length"] ??= Buffer.byteLength(body);
    else if (answer.status !== 204 && answer.status !== 304 && request.method !== "HEAD") headers["content-length"] = 0;
    outgoing.writeHead(answer.status, headers);
    outgoing.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  outgoing.writeHead(answer.status, headers);
  if (request.method === "HEAD") {
    outgoing.end();
    if (body instanceof Readable) body.destroy();
    return;
  }
  outgoing.flushHeaders();
  await pipeline(body instanceof Readable ? body : Readable.from(body), outgoing).catch((error: unknown) => {
    if (!request.signal.aborted) log.warn({ error, requestId }, "a response stream broke off");
    outgoing.destroy();
  });
};

const maxUnreadBytes = 1024 * 1024;

/** A body that nobody read is read away when it is short; otherwise the connection ends with the answer. */
const leaveUnread = (request: WireRequest, headers: Record<string, string | number>): void => {
  const length = Number(request.headers["content-length"] ?? (request.headers["transfer-encoding"] ? Number.POSITIVE_INFINITY : 0));
  if (length > maxUnreadBytes) headers["connection"] = "close";
  request.body.on("error", () => undefined).resume();
};
