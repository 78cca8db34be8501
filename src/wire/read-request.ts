import type { IncomingMessage, ServerResponse } from "node:http";
import { parseQuery } from "./http.ts";
import type { WireRequest } from "./http.ts";
import { bucketOfHost } from "./recognise.ts";

/** A request as the wire layer works on it; its signal aborts when the client goes away before it has its answer. */
export const toWireRequest = (incoming: IncomingMessage, outgoing: ServerResponse): WireRequest => {
  const [signedPath = "/", rawQuery = ""] = (incoming.url ?? "/").split(/\?(.*)/s, 2);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  const host = headers["host"] ?? "localhost";
  const bucket = bucketOfHost(host);
  const abort = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) abort.abort();
  });
  return {
    method: incoming.method ?? "GET",
    path: bucket === undefined ? signedPath : `/${bucket}${signedPath}`,
    signedPath,
    query: parseQuery(rawQuery),
    headers,
    host,
    body: incoming,
    signal: abort.signal,
    remoteAddress: incoming.socket.remoteAddress ?? "",
  };
};
