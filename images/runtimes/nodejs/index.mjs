// The runtime client of functions on Node: takes its code late, then answers invocations over the Lambda Runtime API.
import { bind, next, sendError, sendInitError, sendLastError, sendResponse } from "./api.mjs";
import { newContext } from "./context.mjs";
import { describeError, describeRejection } from "./errors.mjs";
import { loadHandler } from "./load.mjs";
import { finishOutput, setRequestId, watchOutput } from "./output.mjs";

Object.assign(process.env, await bind());
watchOutput();

let current;

const giveUp = async (described, words, exitCode) => {
  console.error(words, JSON.stringify(described));
  try {
    if (current === undefined) await sendInitError(described);
    else await sendLastError(current, described, finishOutput(current));
  } finally {
    // Also when nobody is there any more to be told: a rejection here would come back as another unhandled one, without end.
    process.exit(exitCode);
  }
};

// What nobody caught ends the environment: its state is unknown.
process.on("uncaughtException", (error) => void giveUp(describeError(error), "Uncaught Exception", 129));
process.on("unhandledRejection", (reason) => void giveUp(describeRejection(reason), "Unhandled Promise Rejection", 128));

// Nothing is left to run: a callback's result counts now, and a handler that never answered answers null.
let whenNothingIsLeft;
process.on("beforeExit", () => whenNothingIsLeft?.());

/** The result of a handler in any of its shapes: async, with a callback, or through its context. */
const call = (handler, event, context) =>
  new Promise((resolve, reject) => {
    const settle = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    whenNothingIsLeft = () => resolve(null);
    Object.assign(context, { done: settle, succeed: resolve, fail: reject });
    const result = handler(event, context, (error, value) => {
      if (error || !context.callbackWaitsForEmptyEventLoop) settle(error, value);
      else whenNothingIsLeft = () => resolve(value);
    });
    if (typeof result?.then === "function") result.then(resolve, reject);
  });

const toJson = (result) => {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    throw Object.assign(new Error(`Unable to stringify response body: ${error.message}`), { name: "Runtime.UnserializableResponse" });
  }
};

const run = async (handler, { requestId, event, headers }) => {
  current = requestId;
  setRequestId(requestId);
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  try {
    const body = toJson(await call(handler, JSON.parse(event), newContext(requestId, headers)));
    return () => sendResponse(requestId, body, finishOutput(requestId));
  } catch (error) {
    const described = describeError(error);
    console.error("Invoke Error", JSON.stringify({ ...described, stack: described.trace }));
    return () => sendError(requestId, described, finishOutput(requestId));
  } finally {
    whenNothingIsLeft = undefined;
  }
};

let handler;
try {
  handler = await loadHandler(process.env.LAMBDA_TASK_ROOT ?? "/var/task", process.env._HANDLER ?? "");
} catch (error) {
  await giveUp(describeError(error), "Uncaught Exception", 1);
}

for (let invocation = await next(); ;) {
  const answer = await run(handler, invocation);
  invocation = await answer();
}
