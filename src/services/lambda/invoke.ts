import { randomInt } from "node:crypto";
import { Fault } from "#wire/fault.ts";
import { functionNotFound, notJson, tooLarge } from "./faults.ts";
import type { FunctionName, Lambda, LambdaContext } from "./lambda.ts";
import { limits } from "./limits.ts";
import { functionArn, resolveVersion } from "./names.ts";

const noPayload = Buffer.from("{}");

export const Invoke: Lambda["Invoke"] = async (input, context) => {
  const { version, qualifier, invokedArn } = await resolveVersion(input, context, randomInt(1 << 30) / (1 << 30));
  const payload = input.Payload?.length ? Buffer.from(input.Payload.buffer, input.Payload.byteOffset, input.Payload.length) : noPayload;
  checkPayload(payload, input.InvocationType === "Event" ? limits.asyncPayloadBytes : limits.payloadBytes, input.InvocationType);
  if (input.InvocationType === "DryRun") return { StatusCode: 204 };
  if (input.InvocationType === "Event") {
    await enqueue({ fn: version, qualifier: qualifier ?? "$LATEST", clientContext: input.ClientContext, payload }, context);
    return { StatusCode: 202 };
  }
  const fn = await context.functions.find(version);
  if (!fn) throw functionNotFound(functionArn(version));
  const outcome = await context.executions.invoke(version, {
    requestId: context.newId(),
    payload,
    invokedArn,
    clientContext: input.ClientContext,
    reservedConcurrency: fn.reservedConcurrency,
    wantsTail: input.LogType === "Tail",
  });
  return {
    StatusCode: 200,
    ExecutedVersion: version.version,
    Payload: outcome.payload,
    ...(outcome.isError ? { FunctionError: "Unhandled" } : {}),
    ...(outcome.logTail ? { LogResult: outcome.logTail } : {}),
  };
};

export const InvokeAsync: Lambda["InvokeAsync"] = async (input, context) => {
  const chunks: Uint8Array[] = [];
  if (input.InvokeArgs instanceof Uint8Array) chunks.push(input.InvokeArgs);
  else for await (const chunk of input.InvokeArgs ?? []) chunks.push(chunk as Uint8Array);
  const { version } = await resolveVersion(input, context);
  const payload = Buffer.concat(chunks);
  checkPayload(payload, limits.asyncPayloadBytes, "Event");
  await enqueue({ fn: version, qualifier: "$LATEST", clientContext: undefined, payload }, context);
  return { Status: 202 };
};

const checkPayload = (payload: Buffer, limit: number, type: string | undefined): void => {
  if (payload.length > limit)
    throw type === "Event"
      ? new Fault(
          "RequestEntityTooLargeException",
          `${payload.length} byte payload is too large for the Event invocation type (limit ${limit} bytes)`,
          413,
        )
      : tooLarge(limit, "InvokeFunction");
  try {
    JSON.parse(payload.toString("utf8"));
  } catch (error) {
    throw notJson((error as SyntaxError).message);
  }
};

type Event = { fn: FunctionName; qualifier: string; clientContext: string | undefined; payload: Buffer };

const enqueue = async ({ fn, qualifier, clientContext, payload }: Event, { events, newId, now, deliver }: LambdaContext) => {
  const id = newId();
  const { account, region, name } = fn;
  await events.add({ id, account, region, name, qualifier, clientContext, payload, attempts: 0, createdAt: now, nextAt: now });
  deliver(id);
};
