import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { limits } from "../limits.ts";
import type { Environment, Remarks } from "./environment.ts";

type Find = (address: string) => Promise<Environment | undefined>;

const prefix = "/2018-06-01/runtime/";

/** The Lambda Runtime API, told apart by the environment's address; `/tandem/bind` is our own: what an environment runs is known late. */
export const newRuntimeApi = (find: Find): Server => {
  const callers = new WeakMap<Socket, Environment>();
  return createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    const answer = async () => {
      const environment = callers.get(request.socket) ?? (await find((request.socket.remoteAddress ?? "").replace("::ffff:", "")));
      if (!environment) return refuse(response, 403, "Forbidden", "Unknown environment");
      callers.set(request.socket, environment);
      return serve(request, response, environment);
    };
    answer().catch(() => response.destroy());
  });
};

const serve = async (request: IncomingMessage, response: ServerResponse, environment: Environment): Promise<void> => {
  const path = request.url ?? "";
  if (path.startsWith("/tandem/bind")) return bind(environment, request, response);
  if (!path.startsWith(prefix)) return refuse(response, 404, "NotFound", `There is nothing at ${path}`);
  if (path === `${prefix}invocation/next`) return next(environment, response);
  const body = await read(request);
  if (path === `${prefix}init/error`) {
    environment.initFailed(body ?? Buffer.from("{}"));
    return accept(response);
  }
  const [, requestId = "", result] = /^invocation\/([^/]+)\/(response|error)$/.exec(path.slice(prefix.length)) ?? [];
  if (result === undefined) return refuse(response, 404, "NotFound", `There is nothing at ${path}`);
  const ending = !body
    ? ({ kind: "too-large" } as const)
    : { kind: result === "error" ? ("failed" as const) : ("answered" as const), payload: body };
  if (!environment.answered(requestId, ending, remarksOf(request))) return refuse(response, 400, "InvalidRequestID", "Invalid request ID");
  // Our own clients ask for the next invocation with the answer to the last: half the requests.
  if (body && request.headers["tandem-then"] === "next") return next(environment, response);
  if (!body)
    return refuse(response, 413, "RequestEntityTooLarge", `Exceeded maximum allowed payload size (${limits.responseBytes} bytes).`);
  accept(response);
};

const remarksOf = ({ headers }: IncomingMessage): Remarks => {
  const output = headers["tandem-output"];
  return {
    output: output === "none" || output === "marked" ? output : undefined,
    maxMemoryBytes: Number(headers["tandem-memory"]) || undefined,
  };
};

const bind = (environment: Environment, request: IncomingMessage, response: ServerResponse) => {
  const asShell = request.url?.endsWith("/shell") === true;
  environment.askedForVariables((variables) => {
    response.writeHead(200, { "content-type": asShell ? "text/x-shellscript" : "application/json" });
    response.end(asShell ? shellOf(variables) : JSON.stringify(variables));
  });
};

const shellOf = (variables: Record<string, string>) =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");

const next = (environment: Environment, response: ServerResponse) => {
  response.once("close", () => {
    if (!response.writableFinished) environment.stoppedAsking();
  });
  environment.askedForWork(({ requestId, payload, invokedArn, clientContext, traceId, deadline }) => {
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": payload.length,
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": deadline,
      "lambda-runtime-invoked-function-arn": invokedArn,
      "lambda-runtime-trace-id": traceId,
      ...(clientContext === undefined ? {} : { "lambda-runtime-client-context": Buffer.from(clientContext, "base64").toString("utf8") }),
    });
    response.end(payload);
  });
};

/** The body, or undefined when it is more than a response may be. */
const read = (request: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limits.responseBytes) chunks.push(chunk);
    });
    request.on("end", () => resolve(bytes > limits.responseBytes ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });

const accepted = '{"status":"OK"}\n';

const accept = (response: ServerResponse) => {
  response.writeHead(202, { "content-type": "application/json", "content-length": accepted.length }).end(accepted);
};

const refuse = (response: ServerResponse, status: number, errorType: string, errorMessage: string) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errorType, errorMessage }));
};
