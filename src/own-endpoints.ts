import type { IncomingMessage, ServerResponse } from "node:http";
import type { OtherHandler } from "#wire/gateway.ts";
import type { ServiceName } from "#wire/sdk.ts";

type OwnEndpoints = {
  reset: (which?: { only?: ServiceName }) => Promise<void>;
  services: readonly ServiceName[];
  /** What each service has: the source of `docs/coverage.md`. */
  coverage: () => Promise<unknown>;
};

/** Health and reset, at our own paths and at those that existing tools ask. */
export const newOwnEndpoints = ({ reset, services, coverage }: OwnEndpoints): OtherHandler => {
  const health = { services: Object.fromEntries(services.map((name) => [name, "running"])), edition: "tandem", version: "0.1.0" };
  return async (request, response, path) => {
    if (!path.startsWith("/_") && path !== "/moto-api/reset") return false;
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    if (request.method !== "POST" && (path === "/_tandem/health" || path === "/_localstack/health")) return answer(response, 200, health);
    if (request.method !== "POST" && path === "/_tandem/services") return answer(response, 200, { services: await coverage() });
    if (request.method === "POST" && ["/_tandem/reset", "/_localstack/state/reset", "/moto-api/reset"].includes(path)) {
      if (!isLoopback(request)) return answer(response, 403, { message: "Reset is for this machine alone." });
      const wanted = query.get("service");
      const service = services.find((name) => name === wanted);
      if (wanted !== null && !service) return answer(response, 400, { message: `There is no service ${wanted}.` });
      await reset(service && { only: service });
      return answer(response, 200, { reset: service ?? "all" });
    }
    if (path.startsWith("/_tandem/") || path.startsWith("/_localstack/"))
      return answer(response, 404, { message: `There is nothing at ${path}.` });
    return false;
  };
};

const isLoopback = (request: IncomingMessage) => /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? "");

const answer = (response: ServerResponse, status: number, body: unknown): true => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
};
