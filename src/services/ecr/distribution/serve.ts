import type { IncomingMessage, ServerResponse } from "node:http";
import { getBlob, deleteBlob } from "./blobs.ts";
import { asRegistryError, RegistryError } from "./errors.ts";
import { answer } from "./exchange.ts";
import type { Distribution, Exchange } from "./exchange.ts";
import { listCatalog, listReferrers, listTags } from "./listings.ts";
import { deleteManifest, getManifest, putManifest } from "./manifests.ts";
import { parseRoute } from "./route.ts";
import type { Route } from "./route.ts";
import { appendToUpload, cancelUpload, finishUpload, showUpload, startUpload } from "./upload-session.ts";

/** Serves the OCI distribution API (https://github.com/opencontainers/distribution-spec): what docker, skopeo and buildah push to and pull from. */
export const serveDistribution =
  (registry: Distribution) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
    const exchange: Exchange = {
      request,
      response,
      registry,
      method: request.method ?? "GET",
      query: new URLSearchParams(search),
      bearer: undefined,
    };
    try {
      exchange.bearer = registry.auth ? await authenticate(exchange) : undefined;
      const route = parseRoute(decodeURIComponent(path));
      if (!route) throw new RegistryError("UNSUPPORTED", "There is no such path in the distribution API.", 404);
      await run(exchange, route);
    } catch (error) {
      refuse(exchange, error);
    }
  };

const run = async (exchange: Exchange, route: Route): Promise<void> => {
  const method = exchange.method === "HEAD" ? "GET" : exchange.method;
  switch (`${method} ${route.kind}`) {
    case "GET version":
      return answer(exchange, 200, { "content-type": "application/json" }, "{}");
    case "GET catalog":
      return listCatalog(exchange);
  }
  if (route.kind === "tags" && method === "GET") return listTags(exchange, route.name);
  if (route.kind === "referrers" && method === "GET") return listReferrers(exchange, route);
  if (route.kind === "manifest") {
    const act = { GET: getManifest, PUT: putManifest, DELETE: deleteManifest }[method];
    if (act) return act(exchange, route);
  }
  if (route.kind === "blob") {
    const act = { GET: getBlob, DELETE: deleteBlob }[method];
    if (act) return act(exchange, route);
  }
  if (route.kind === "uploads" && method === "POST") return startUpload(exchange, route.name);
  if (route.kind === "upload") {
    const act = { GET: showUpload, PATCH: appendToUpload, PUT: finishUpload, DELETE: cancelUpload }[method];
    if (act) return act(exchange, route);
  }
  throw new RegistryError("UNSUPPORTED", "The operation is unsupported.", 405);
};

/** Basic authentication with a password of GetAuthorizationToken's, or the one in a layer's download address. */
const authenticate = async ({ request, query, registry }: Exchange): Promise<{ account: string; arn: string }> => {
  const [, basic] = /^Basic (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const token = basic === undefined ? query.get("token") : /^AWS:(.+)$/s.exec(Buffer.from(basic, "base64").toString())?.[1];
  const bearer = token ? await registry.tokens.find(token, registry.now()) : undefined;
  if (bearer) return bearer;
  const realm = `http://${request.headers.host ?? "localhost"}/`;
  const message = basic === undefined ? "no basic auth credentials" : "Your authorization token has expired. Reauthenticate and try again.";
  throw new RegistryError("UNAUTHORIZED", message, 401, { "www-authenticate": `Basic realm="${realm}",service="ecr.amazonaws.com"` });
};

const refuse = (exchange: Exchange, error: unknown): void => {
  const { request, response, registry, method } = exchange;
  const isAborted = request.readableAborted || response.destroyed;
  if (isAborted || response.headersSent) {
    response.destroy();
    return;
  }
  const known = asRegistryError(error instanceof URIError ? new RegistryError("NAME_INVALID", "The path is malformed.", 400) : error);
  if (!known) registry.log.error({ error, url: request.url }, "the registry failed unexpectedly");
  const { code, message, status, headers } = known ?? { code: "UNKNOWN", message: "unknown error", status: 500, headers: {} };
  // What was sent along is read away, so that the client hears the answer; too much of it ends the connection instead.
  const isLong =
    Number(request.headers["content-length"] ?? (request.headers["transfer-encoding"] ? Number.POSITIVE_INFINITY : 0)) > 1 << 20;
  if (!request.readableEnded) request.resume();
  const body = method === "HEAD" ? undefined : JSON.stringify({ errors: [{ code, message, detail: null }] });
  answer(exchange, status, { "content-type": "application/json", ...(isLong ? { connection: "close" } : {}), ...headers }, body);
};
