import type { Constraints } from "./check.ts";
import { readErrors, readOperations } from "./schema.ts";
import type { ErrorTraits, OperationSchema, SchemaModule } from "./schema.ts";
import { compileRoutes } from "./routes.ts";
import type { Routes } from "./routes.ts";
import type { ServiceName } from "./sdk.ts";

export type ProtocolName = "awsJson1_0" | "awsJson1_1" | "awsQuery" | "ec2Query" | "restJson1" | "restXml" | "rpcv2Cbor";

/** How requests for a service are recognised and written: what the SDK keeps in its client's settings rather than in its schemas. */
export type Binding = {
  readonly name: ServiceName;
  /** The service of the credential scope, and the first label of its host names. */
  readonly signingNames: readonly string[];
  readonly hostNames: readonly string[];
  /** The protocols it answers; the first is what an unrecognisable request is answered in. */
  readonly protocols: readonly ProtocolName[];
  /** `X-Amz-Target` before the dot, which is also its name in rpcv2Cbor paths. */
  readonly targetPrefix?: string;
  /** The `Version` parameter of the query protocols. */
  readonly apiVersion?: string;
  readonly xmlNamespace?: string;
  /** REST paths that are this service's without a signature to tell by. */
  readonly paths?: RegExp;
  /** S3's own ways: the bucket leads the path, errors have no wrapper, a location is its element's text. */
  readonly isS3?: boolean;
  /** AWS's errors carry the query protocol's code as well (`x-amzn-query-error`). */
  readonly isQueryCompatible?: boolean;
  /** Largest body that is collected; streaming members have no limit. 10 MiB unless told. */
  readonly maxBodyBytes?: number;
  /** The code of a member that fails a check; `ValidationError` in query services and `ValidationException` elsewhere unless told. */
  readonly validationCode?: string;
  /** Said instead of which member failed, by services that do not tell. */
  readonly validationMessage?: string;
  readonly constraints?: Readonly<Record<string, Constraints>>;
};

/** A service's schemas, ready to use: made when it is first called. */
export type Model = {
  readonly binding: Binding;
  readonly operations: ReadonlyMap<string, OperationSchema>;
  readonly errors: ReadonlyMap<string, ErrorTraits>;
  readonly routes: Routes;
};

export const readModel = (binding: Binding, sdk: SchemaModule): Model => {
  const operations = readOperations(sdk);
  return { binding, operations, errors: readErrors(sdk), routes: compileRoutes([...operations.values()], binding.isS3 === true) };
};

export const validationCodeOf = ({ validationCode, protocols: [first] }: Binding): string =>
  validationCode ?? (first === "awsQuery" || first === "ec2Query" ? "ValidationError" : "ValidationException");
