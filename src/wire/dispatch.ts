import { checkInput } from "./check.ts";
import type { Caller, Handler, RequestContext } from "./context.ts";
import { notImplemented, unknownOperation } from "./fault.ts";
import { validationCodeOf } from "./model.ts";
import type { WireRequest } from "./http.ts";
import type { Model } from "./model.ts";
import type { Call } from "./operation.ts";
import type { ServiceName } from "./sdk.ts";

/** A service that is open: its schemas, the operations it has, and what its handlers share. */
export type OpenedService = {
  model: Model;
  operations: Readonly<Record<string, Handler>>;
  context: object;
  /** The headers by which a browser lets another site's page read the answer; a preflight that no rule allows is a fault. */
  crossOrigin?: CrossOrigin | undefined;
};

export type CrossOrigin = (request: WireRequest) => Promise<Record<string, string>>;

export type Services = (name: ServiceName) => Promise<OpenedService>;

/** What one request, or one step of a loop, brings to the handlers it reaches. */
export type Request = Omit<RequestContext, "call" | "account">;

/** Checks the input, finds the handler and runs it: the one way to an operation, over HTTP and in process alike. */
export const dispatch = async (
  services: Services,
  service: OpenedService,
  operation: string,
  input: unknown,
  request: Request,
): Promise<unknown> => {
  const { binding, operations } = service.model;
  const schema = operations.get(operation);
  if (!schema) throw unknownOperation();
  const handler = service.operations[operation];
  if (!handler) throw notImplemented(binding.name, operation);
  if (schema.input.isStructSchema())
    checkInput(schema.input, input, {
      code: validationCodeOf(binding),
      message: binding.validationMessage,
      constraints: binding.constraints?.[operation],
    });
  const own: RequestContext = { ...request, account: request.caller.account, call: callAs(services, request) };
  return (await handler(input as never, Object.assign(Object.create(service.context), own) as never)) ?? {};
};

/** In-process calls with the caller, region and identity of `request`. */
export const callAs = (services: Services, request: Request): Call =>
  (async (name: ServiceName, operation: string, input: unknown) =>
    dispatch(services, await services(name), operation, input, request)) as Call;

/** A request that nobody sent: a loop's, on behalf of an account. */
export const internalRequest = (
  caller: Caller,
  region: string,
  { now, newId, endpoint, requestId = newId() }: { now: number; newId: () => string; endpoint: string; requestId?: string | undefined },
): Request => ({
  caller,
  region,
  now,
  newId,
  endpoint,
  requestId,
  signal: new AbortController().signal,
  trailers: {},
});
