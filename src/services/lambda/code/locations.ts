import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Blobs } from "#store/blobs.ts";

export const codePath = "/_lambda/code/";

const validMs = 10 * 60_000;

export type CodeLocations = {
  /** A URL below `endpoint` that serves a zip for ten minutes to whoever has it. */
  urlOf(endpoint: string, digest: string, now: number): string;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

export const newCodeLocations = ({ blobs, secret, now }: { blobs: Blobs; secret: Uint8Array; now: () => number }): CodeLocations => {
  const sign = (digest: string, expires: string) => createHmac("sha256", secret).update(`${digest}/${expires}`).digest("hex");
  return {
    urlOf: (endpoint, digest, at) => {
      const expires = String(at + validMs);
      return `${endpoint}${codePath}${digest}/${expires}/${sign(digest, expires)}`;
    },
    serve: async (request, response) => {
      const [, digest = "", expires = "", signature = ""] =
        /^\/_lambda\/code\/([0-9a-f]{64})\/(\d{1,15})\/([0-9a-f]{64})$/.exec(request.url ?? "") ?? [];
      const isValid =
        digest !== "" && timingSafeEqual(Buffer.from(sign(digest, expires)), Buffer.from(signature)) && Number(expires) > now();
      const size = isValid ? await blobs.size(digest) : undefined;
      if (size === undefined) {
        response.writeHead(403, { "content-type": "text/plain" }).end("This link has expired.\n");
        return;
      }
      response.writeHead(200, { "content-type": "application/zip", "content-length": size });
      blobs.open(digest).pipe(response);
    },
  };
};
