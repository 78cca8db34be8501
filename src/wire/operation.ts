import type { Readable } from "node:stream";
import type { SdkModules, ServiceName } from "./sdk.ts";

/**
 * A payload as the wire hands it over: a stream, or bytes where it is short or the model has no stream. Recognised by the SDK's mixins; the SDK takes an
 * ArrayBuffer only where the model has no stream.
 */
type Payload<T> =
  Exclude<T, undefined> extends { transformToByteArray(): unknown }
    ? Readable | Uint8Array | Extract<T, undefined>
    : Exclude<T, undefined> extends { transformToString(encoding?: string): string }
      ? Uint8Array | Extract<T, undefined>
      : Uint8Array extends T
        ? Readable extends T
          ? Uint8Array | (ArrayBuffer extends T ? never : Readable) | Extract<T, undefined>
          : string extends T
            ? Uint8Array | Extract<T, undefined>
            : T
        : T;

/** Required members arrive validated, so they lose the SDK's `| undefined`. */
export type Validated<T> = { [K in keyof T]: object extends Pick<T, K> ? Payload<T[K]> : Exclude<Payload<T[K]>, undefined> };

type Answer<T> = { [K in keyof Omit<T, "$metadata">]: Payload<T[K & keyof T]> };

/** The operations of a service, read off the `*Command` classes of its SDK client. */
export type Operations<Sdk, Context> = {
  [K in keyof Sdk as K extends `${infer Name}Command` ? Name : never]: Sdk[K] extends new (...args: never) => {
    readonly input: infer Input;
    resolveMiddleware(...args: infer _Args): (...args: infer _Call) => Promise<{ output: infer Output }>;
  }
    ? (input: Validated<Input>, context: Context) => Promise<Answer<Output>>
    : never;
};

export type OperationName<S extends ServiceName> = keyof Operations<SdkModules[S], never> & string;
type OperationOf<S extends ServiceName, O extends OperationName<S>> = Operations<SdkModules[S], never>[O];
export type InputOf<S extends ServiceName, O extends OperationName<S>> =
  OperationOf<S, O> extends (input: infer Input, context: never) => unknown ? Input : never;
export type OutputOf<S extends ServiceName, O extends OperationName<S>> =
  OperationOf<S, O> extends (input: never, context: never) => Promise<infer Output> ? Output : never;

/** Calls an operation of another service in process: typed input, typed output, a `Fault` when it refuses. */
export type Call = <S extends ServiceName, O extends OperationName<S>>(
  service: S,
  operation: O,
  input: InputOf<S, O>,
) => Promise<OutputOf<S, O>>;

/** The handlers that a service has: a part of its SDK's operations. */
export type Handlers<Sdk, Context> = Partial<Operations<Sdk, Context>>;
