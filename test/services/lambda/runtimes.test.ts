import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { GetFunctionCommand, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { newCloud } from "../../cloud.ts";
import type { TestCloud } from "../../cloud.ts";
import { createFunction, invoke, lambdaOf } from "./function.ts";
import { zipOf } from "./zip.ts";

let cloud: TestCloud;
before(async () => {
  cloud = await newCloud();
});
after(async () => {
  await cloud[Symbol.asyncDispose]();
});

test("CommonJS modules, callbacks and nested handlers work on Node", async () => {
  const lambda = lambdaOf(cloud);
  await createFunction(
    lambda,
    "cjs",
    {
      "src/app.js":
        "exports.api = { get: (event, context, callback) => { callback(null, { got: event.n, v: process.version.split('.')[0] }); } };",
    },
    { Handler: "src/app.api.get", Runtime: "nodejs24.x" },
  );
  assert.deepEqual((await invoke(lambda, "cjs", { n: 1 })).result, { got: 1, v: "v24" });
});

test("Python handlers answer, log and fail as on AWS", async () => {
  const lambda = lambdaOf(cloud);
  const source = `import logging, os
logger = logging.getLogger()
logger.setLevel("INFO")

def handler(event, context):
    print("plain", event)
    logger.info("logged\\nin two lines")
    if event.get("fail"):
        raise ValueError("bad value")
    return {"name": context.function_name, "left": context.get_remaining_time_in_millis() > 0, "root": os.environ["LAMBDA_TASK_ROOT"]}
`;
  await createFunction(lambda, "py", { "app.py": source }, { Runtime: "python3.11", Handler: "app.handler" });
  const good = await invoke(lambda, "py", {}, { LogType: "Tail" });
  assert.deepEqual(good.result, { name: "py", left: true, root: "/var/task" });
  assert.match(good.log, /START .*\nplain {}\n\[INFO\]\t.*Z\t[0-9a-f-]{36}\tlogged\nin two lines\nEND /s);
  const bad = await invoke(lambda, "py", { fail: true });
  const { errorType, errorMessage, stackTrace } = bad.result as { errorType: string; errorMessage: string; stackTrace: string[] };
  assert.deepEqual([bad.error, errorType, errorMessage], ["Unhandled", "ValueError", "bad value"]);
  assert.match(stackTrace[0] ?? "", /File "\/var\/task\/app.py", line 9, in handler/);
  await createFunction(
    lambda,
    "pymissing",
    { "app.py": "import nothing_of_that_name\n" },
    { Runtime: "python3.11", Handler: "app.handler" },
  );
  const missing = (await invoke(lambda, "pymissing")).result as { errorType: string; errorMessage: string };
  assert.deepEqual(
    [missing.errorType, missing.errorMessage],
    ["Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nothing_of_that_name'"],
  );
});

test("a custom runtime is a program that speaks the Runtime API", async () => {
  const lambda = lambdaOf(cloud);
  const bootstrap = `#!/bin/sh
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  id=$(grep -i Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  echo "handling $event for $AWS_LAMBDA_FUNCTION_NAME it's $QUOTED" >&2
  curl -sS -X POST "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "{\\"echo\\":$event}" >/dev/null
done
`;
  const ZipFile = zipOf([{ name: "bootstrap", content: bootstrap, mode: 0o100755 }]);
  const input = {
    Runtime: "provided.al2023" as const,
    Handler: "any",
    Code: { ZipFile },
    Environment: { Variables: { QUOTED: "a 'quoted' $value" } },
  };
  await createFunction(lambda, "shell", {}, input);
  const answer = await invoke(lambda, "shell", { n: 1 }, { LogType: "Tail" });
  assert.deepEqual(answer.result, { echo: { n: 1 } });
  assert.match(answer.log, /handling {"n":1} for shell it's a 'quoted' \$value/);
});

test("a function whose code is an image runs in it, with the image's own entry point", async () => {
  const lambda = lambdaOf(cloud);
  const program = `const http = require("http"); const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":"); const base = "/2018-06-01/runtime/invocation/";
  const call = (method, path, body) => new Promise((ok) => { const r = http.request({ host, port, method, path }, (a) => { let t = ""; a.on("data", (c) => t += c).on("end", () => ok({ id: a.headers["lambda-runtime-aws-request-id"], text: t })); }); r.end(body); });
  (async () => { for (;;) { const { id, text } = await call("GET", base + "next"); await call("POST", base + id + "/response", JSON.stringify({ from: process.env.AWS_LAMBDA_FUNCTION_NAME, text })); } })();`;
  await createFunction(
    lambda,
    "image",
    {},
    {
      PackageType: "Image",
      Code: { ImageUri: "tandem/runtime:nodejs22.x" },
      ImageConfig: { EntryPoint: ["/var/lang/bin/node"], Command: ["-e", program] },
      Runtime: undefined,
      Handler: undefined,
    },
  );
  assert.deepEqual((await invoke(lambda, "image", { n: 1 })).result, { from: "image", text: '{"n":1}' });
});

test("a runtime without an image fails with words that say how to supply one", async () => {
  const lambda = lambdaOf(cloud);
  await assert.rejects(createFunction(lambda, "java", "", { Runtime: "java21" }));
  const { State, StateReason } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "java" }));
  assert.equal(State, "Failed");
  assert.match(StateReason ?? "", /There is no image for the runtime java21 on this machine. Tag one as tandem\/runtime:java21/);
  await assert.rejects(invoke(lambda, "java"), { name: "InvalidRuntimeException", message: /There is no image for the runtime java21/ });
});

test("a function reaches the cloud with its role's credentials, in Node and in Python", async () => {
  const lambda = lambdaOf(cloud);
  const node = `import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
export const handler = async () => (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn;`;
  await createFunction(lambda, "whoami", node, { Timeout: 20, MemorySize: 512 });
  assert.equal((await invoke(lambda, "whoami")).result, "arn:aws:sts::000000000000:assumed-role/function/whoami");
  const python = `import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
`;
  await createFunction(
    lambda,
    "whoamipy",
    { "app.py": python },
    { Runtime: "python3.11", Handler: "app.handler", Timeout: 20, MemorySize: 512 },
  );
  assert.equal((await invoke(lambda, "whoamipy")).result, "arn:aws:sts::000000000000:assumed-role/function/whoamipy");
});

test("a function's image comes from the cloud's own registry, by the digest that its tag had", async () => {
  const lambda = lambdaOf(cloud);
  const docker = (...args: string[]) => promisify(execFile)("docker", args);
  await new ECRClient(cloud.client).send(new CreateRepositoryCommand({ repositoryName: "fn" }));
  const pushed = `127.0.0.1:${cloud.port}/000000000000.dkr.ecr.us-east-1/fn:v1`;
  await docker("tag", "tandem/runtime:provided.al2023", pushed);
  await docker("push", pushed);
  await docker("rmi", pushed);
  const ImageUri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/fn:v1";
  const program = `id() { curl -sD - -o /tmp/event "$1/next" | grep -i request-id | tr -d "[:space:]" | cut -d: -f2; }
base=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation; while true; do n=$(id $base); curl -s -d @/tmp/event $base/$n/response; done`;
  const image = { PackageType: "Image" as const, Runtime: undefined, Handler: undefined };
  await createFunction(lambda, "own", {}, { ...image, Code: { ImageUri }, ImageConfig: { EntryPoint: ["/bin/sh", "-c", program] } });
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: "own" }));
  assert.match(Code?.ResolvedImageUri ?? "", /^000000000000\.dkr\.ecr\.us-east-1\.amazonaws\.com\/fn@sha256:[0-9a-f]{64}$/);
  assert.deepEqual((await invoke(lambda, "own", { n: 2 })).result, { n: 2 });
  await assert.rejects(createFunction(lambda, "absent", {}, { ...image, Code: { ImageUri: ImageUri.replace("v1", "v2") } }), {
    name: "InvalidParameterValueException",
    message: `Source image ${ImageUri.replace("v1", "v2")} does not exist. Provide a valid source image.`,
  });
});
