import type { FunctionVersion } from "./lambda.ts";
import { functionArn } from "./names.ts";

/** A version as AWS describes it; its ARN carries the qualifier that was asked for. */
export const describeVersion = (version: FunctionVersion, qualifier?: string) => ({
  FunctionName: version.name,
  FunctionArn: functionArn(version, qualifier ?? (version.version === "$LATEST" ? undefined : version.version)),
  ...(version.runtime ? { Runtime: version.runtime } : {}),
  Role: version.role,
  ...(version.handler === undefined ? {} : { Handler: version.handler }),
  CodeSize: version.codeSizeBytes,
  Description: version.description,
  Timeout: version.timeoutSeconds,
  MemorySize: version.memoryMb,
  LastModified: new Date(version.lastModified).toISOString().replace("Z", "+0000"),
  CodeSha256: version.codeSha256,
  Version: version.version,
  ...(version.deadLetterArn ? { DeadLetterConfig: { TargetArn: version.deadLetterArn } } : {}),
  ...(Object.keys(version.environment).length > 0 ? { Environment: { Variables: version.environment } } : {}),
  TracingConfig: { Mode: version.tracingMode },
  RevisionId: version.revisionId,
  State: version.state,
  ...(version.state === "Pending" ? { StateReason: "The function is being created.", StateReasonCode: "Creating" as const } : {}),
  ...(version.state === "Failed" ? { StateReason: version.stateReason ?? "", StateReasonCode: "InternalError" as const } : {}),
  LastUpdateStatus: version.updateStatus,
  PackageType: version.packageType,
  ...(version.imageConfig ? { ImageConfigResponse: { ImageConfig: version.imageConfig } } : {}),
  Architectures: version.architectures,
  EphemeralStorage: version.ephemeralStorage,
  SnapStart: { ApplyOn: "None" as const, OptimizationStatus: "Off" as const },
  LoggingConfig: { LogFormat: version.logFormat, LogGroup: version.logGroup },
});
