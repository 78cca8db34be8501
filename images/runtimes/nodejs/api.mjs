// The Lambda Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import http from "node:http";

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 4, noDelay: true });
const runtime = "/2018-06-01/runtime";

const send = (method, path, body, headers = {}) =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request({ host, port, agent, method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });

/** What this environment is to be: the variables of its function, when it has one. An image that is a function's own knows them already. */
export const bind = async () => (process.env.AWS_LAMBDA_FUNCTION_NAME ? {} : JSON.parse((await send("GET", "/tandem/bind")).text));

const invocationIn = ({ headers, text }) => ({ requestId: headers["lambda-runtime-aws-request-id"], event: text, headers });

export const next = async () => invocationIn(await send("GET", `${runtime}/invocation/next`));

const errorHeaders = (described) => ({ "lambda-runtime-function-error-type": described.errorType });

/** Answers an invocation, and takes the next one with the reply. */
const turn = async (path, body, remarks) => {
  const answer = await send("POST", `${runtime}/invocation/${path}`, body, { ...remarks, "tandem-then": "next" });
  return answer.headers["lambda-runtime-aws-request-id"] === undefined ? next() : invocationIn(answer);
};

export const sendResponse = (requestId, body, remarks) => turn(`${requestId}/response`, body, remarks);

export const sendError = (requestId, described, remarks) =>
  turn(`${requestId}/error`, JSON.stringify(described), { ...errorHeaders(described), ...remarks });

/** The last words of an environment that takes nothing more. */
export const sendLastError = (requestId, described, remarks) =>
  send("POST", `${runtime}/invocation/${requestId}/error`, JSON.stringify(described), { ...errorHeaders(described), ...remarks });

export const sendInitError = (described) => send("POST", `${runtime}/init/error`, JSON.stringify(described), errorHeaders(described));
