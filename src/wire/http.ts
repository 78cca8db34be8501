import type { Readable } from "node:stream";

/** A request as the protocols see it: the path still percent-encoded, header names in lower case, the body not yet read. */
export type WireRequest = {
  readonly method: string;
  /** What routing reads: the bucket of a virtual host leads it. */
  readonly path: string;
  /** The path as the client sent, and signed, it. */
  readonly signedPath: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly host: string;
  readonly body: Readable;
  readonly signal: AbortSignal;
  readonly remoteAddress: string;
};

export type WireBody = string | Uint8Array | Readable | AsyncIterable<Uint8Array> | undefined;

export type WireResponse = {
  status: number;
  headers: Record<string, string>;
  body: WireBody;
};

export const queryValue = (request: WireRequest, name: string): string | undefined => request.query.find(([key]) => key === name)?.[1];

/** Splits a raw query string; `+` is a space, as in forms and as AWS reads it. A malformed escape stays as it was sent. */
export const parseQuery = (raw: string): [string, string][] =>
  raw
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0
        ? [decodeComponent(part, true), ""]
        : [decodeComponent(part.slice(0, at), true), decodeComponent(part.slice(at + 1), true)];
    });

export const decodeComponent = (text: string, plusIsSpace = false): string => {
  const source = plusIsSpace ? text.replaceAll("+", " ") : text;
  if (!source.includes("%")) return source;
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
};
