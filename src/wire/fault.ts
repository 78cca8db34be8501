/** What a client did wrong, in AWS's code and words: the one error that the wire renders to the caller as it is. */
export class Fault extends Error {
  readonly code: string;
  /** HTTP status; absent: what the SDK's model states for the code, else 400. */
  readonly status: number | undefined;
  /** Further members of the error shape, as the SDK names them. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Extra response headers, such as `x-amz-bucket-region`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    status?: number,
    extra: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.status = status;
    this.details = extra.details ?? {};
    this.headers = extra.headers ?? {};
  }
}

export const notImplemented = (service: string, operation: string) =>
  new Fault("NotImplemented", `The operation ${operation} of ${service} is not implemented.`, 501);

export const unknownOperation = () =>
  new Fault("UnknownOperationException", "The operation requested is not recognized by the service.", 404);

/** S3's word for a request that is none of its operations. */
export const methodNotAllowed = (method: string, path: string) =>
  new Fault("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, {
    details: { Method: method, ResourceType: s3ResourceOf(path) },
  });

/** What S3 calls the kind of thing that a path names. */
const s3ResourceOf = (path: string) => (path === "/" ? "SERVICE" : /^\/[^/]+\/./.test(path) ? "OBJECT" : "BUCKET");

export const serializationFault = (message: string) => new Fault("SerializationException", message, 400);

export const internalFailure = () => new Fault("InternalFailure", "The request processing has failed because of an unknown error.", 500);
