"""The runtime client of functions on Python: takes its code late, then answers invocations over the Lambda Runtime API."""

import http.client
import importlib
import json
import logging
import os
import resource
import sys
import time
import traceback

RUNTIME = "/2018-06-01/runtime"
MARKER = "\x01tandem:end "
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def send(method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.headers, answer.read()


class Output:
    """Notes whether anything was written, and keeps an entry with line breaks in one line."""

    def __init__(self, stream):
        self.stream = stream
        self.wrote = False

    def write(self, text):
        if text:
            self.wrote = True
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Entries(logging.Handler):
    """Formats records as AWS does."""

    def emit(self, record):
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = f"[{record.levelname}]\t{moment}.{int(record.msecs):03d}Z\t{Context.current or ''}\t{self.format(record)}"
        sys.stdout.write(text.replace("\n", "\r") + "\n")


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """The second argument of handlers: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    current = None

    def __init__(self, headers):
        environment = os.environ.get
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = environment("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity()
        client = headers.get("lambda-runtime-client-context")
        self.client_context = json.loads(client) if client else None
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, text):
        sys.stdout.write(str(text) + "\n")


def finish_output(request_id):
    wrote = sys.stdout.wrote or sys.stderr.wrote
    sys.stdout.wrote = sys.stderr.wrote = False
    sys.stdout.stream.flush()
    if wrote:
        sys.stdout.stream.write(MARKER + request_id + "\n")
        sys.stdout.stream.flush()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"tandem-output": "marked" if wrote else "none", "tandem-memory": str(memory)}


def describe(error, request_id):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith("/var/runtime/bootstrap")]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(own),
    }


def fail_init(error_type, message, stack=None):
    print(f"[ERROR] {error_type}: {message}\r" + "\r".join(stack or []))
    described = {"errorMessage": message, "errorType": error_type, "requestId": "", "stackTrace": stack or []}
    send("POST", RUNTIME + "/init/error", json.dumps(described), {"content-type": "application/json"})
    sys.exit(1)


def load(name):
    if "." not in name:
        fail_init("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    module_name, handler_name = name.rsplit(".", 1)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        fail_init("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        place = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        fail_init("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", place)
    except Exception as error:
        described = describe(error, "")
        fail_init(described["errorType"], described["errorMessage"], described["stackTrace"])
    if not hasattr(module, handler_name):
        fail_init("Runtime.HandlerNotFound", f"Handler '{handler_name}' missing on module '{module_name}'")
    return getattr(module, handler_name)


def to_json(result):
    try:
        return json.dumps(result, ensure_ascii=False).encode("utf-8")
    except TypeError as error:
        failure = TypeError(f"Unable to marshal response: {error}")
        failure.marshal = True
        raise failure from None


def turn(path, body, remarks):
    """Answers an invocation, and takes the next one with the reply."""
    headers, event = send("POST", path, body, {"content-type": "application/json", "tandem-then": "next", **remarks})
    if "lambda-runtime-aws-request-id" in headers:
        return headers, event
    return send("GET", RUNTIME + "/invocation/next")


def run(handler, headers, event):
    request_id = headers["lambda-runtime-aws-request-id"]
    Context.current = request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
    path = f"{RUNTIME}/invocation/{request_id}/"
    try:
        body = to_json(handler(json.loads(event), Context(headers)))
        return turn(path + "response", body, finish_output(request_id))
    except Exception as error:
        described = describe(error, request_id)
        if getattr(error, "marshal", False):
            described = {**described, "errorType": "Runtime.MarshalError", "stackTrace": []}
        stack = "\r".join(line.rstrip("\n").replace("\n", "\r") for line in described["stackTrace"])
        print(f"[ERROR] {described['errorType']}: {described['errorMessage']}\rTraceback (most recent call last):\r{stack}")
        return turn(path + "error", json.dumps(described), finish_output(request_id))


def main():
    if not os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        os.environ.update(json.loads(send("GET", "/tandem/bind")[1]))
    root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    sys.path[:0] = [root, "/opt/python"]
    sys.stdout, sys.stderr = Output(sys.stdout), Output(sys.stderr)
    logging.getLogger().addHandler(Entries())
    logging.getLogger().setLevel(logging.WARNING)
    handler = load(os.environ.get("_HANDLER", ""))
    headers, event = send("GET", RUNTIME + "/invocation/next")
    while True:
        headers, event = run(handler, headers, event)


main()
