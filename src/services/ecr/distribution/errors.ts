import { Fault } from "#wire/fault.ts";

/** The error codes of the OCI distribution specification. */
export type ErrorCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DENIED"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "TAG_INVALID"
  | "UNAUTHORIZED"
  | "UNSUPPORTED";

/** What the distribution API answers instead of what was asked for. */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, status: number, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "RegistryError";
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

const codeOfFault: Readonly<Record<string, readonly [ErrorCode, number]>> = {
  RepositoryNotFoundException: ["NAME_UNKNOWN", 404],
  ImageNotFoundException: ["MANIFEST_UNKNOWN", 404],
  LayersNotFoundException: ["MANIFEST_BLOB_UNKNOWN", 400],
  ReferencedImagesNotFoundException: ["MANIFEST_BLOB_UNKNOWN", 400],
  ImageTagAlreadyExistsException: ["TAG_INVALID", 400],
  ImageDigestDoesNotMatchException: ["DIGEST_INVALID", 400],
  InvalidParameterException: ["MANIFEST_INVALID", 400],
};

/** The registry's form of an error that its AWS operations would give, or undefined when it is none of the client's. */
export const asRegistryError = (error: unknown): RegistryError | undefined => {
  if (error instanceof RegistryError) return error;
  if (!(error instanceof Fault)) return undefined;
  const [code, status] = codeOfFault[error.code] ?? ["UNSUPPORTED", 400];
  return new RegistryError(code, error.message, status);
};

export const blobUnknown = (digest: string) => new RegistryError("BLOB_UNKNOWN", `blob unknown to registry: ${digest}`, 404);
export const manifestUnknown = (message: string) => new RegistryError("MANIFEST_UNKNOWN", message, 404);
export const digestInvalid = (message: string) => new RegistryError("DIGEST_INVALID", message, 400);
export const uploadUnknown = () => new RegistryError("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", 404);
