import type { Fault } from "../fault.ts";
import type { WireRequest, WireResponse } from "../http.ts";
import type { Model } from "../model.ts";
import type { Route } from "../routes.ts";
import type { OperationSchema } from "../schema.ts";

/** One way of writing operations on HTTP: reads an input by its schema and writes outputs and faults. */
export type Protocol = {
  readInput(request: WireRequest, operation: OperationSchema, at: InputPlace): Promise<unknown>;
  writeOutput(operation: OperationSchema, output: Record<string, unknown>, at: Place): WireResponse;
  writeFault(fault: Fault, at: Place): WireResponse;
};

export type Place = { model: Model; requestId: string };

export type InputPlace = {
  model: Model;
  route: Route | undefined;
  /** Reads the whole body, decoded, up to the service's limit. */
  collect(): Promise<Buffer>;
  /** A streaming member may come as bytes. */
  isShort?: boolean;
};

export const statusOf = (fault: Fault, model: Model): number => fault.status ?? model.errors.get(fault.code)?.status ?? 400;

/** The member in which an error shape carries its words: `Message` in Lambda, `message` nearly everywhere else. */
export const faultBody = (fault: Fault, model: Model): Record<string, unknown> => {
  const schema = model.errors.get(fault.code)?.schema;
  const names = schema ? [...schema.structIterator()].map(([name]) => name) : [];
  const body: Record<string, unknown> = { [names.includes("Message") ? "Message" : "message"]: fault.message };
  if (names.includes("Type")) body["Type"] = statusOf(fault, model) >= 500 ? "Service" : "User";
  return { ...body, ...fault.details };
};

/** `x-amzn-query-error` for services that once spoke the query protocol and whose old error codes clients still look for. */
export const queryErrorHeader = (fault: Fault, model: Model): Record<string, string> => {
  if (!model.binding.isQueryCompatible) return {};
  const code = model.errors.get(fault.code)?.queryCode ?? fault.code;
  return { "x-amzn-query-error": `${code};${statusOf(fault, model) >= 500 ? "Receiver" : "Sender"}` };
};
