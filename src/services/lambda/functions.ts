import { describeVersion } from "./describe.ts";
import { functionExists, functionNotFound, invalidParameter } from "./faults.ts";
import type { FunctionVersion, Lambda } from "./lambda.ts";
import { limits } from "./limits.ts";
import { functionArn, parseReference, requireFunction, resolveVersion } from "./names.ts";
import { takeCode } from "./new-code.ts";
import { readMarker, writeMarker } from "./page-markers.ts";
import { checkEnvironment, checkLayers, checkVersion } from "./check-version.ts";

export const CreateFunction: Lambda["CreateFunction"] = async (input, context) => {
  const { fn } = parseReference(input, context);
  const packageType = input.PackageType ?? (input.Code.ImageUri === undefined ? "Zip" : "Image");
  checkLayers(input.Layers);
  const environment = checkEnvironment(input.Environment?.Variables);
  if (packageType === "Zip" && (input.Runtime === undefined || input.Handler === undefined))
    throw invalidParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  if (await context.functions.find(fn)) throw functionExists(fn.name);
  const code = await takeCode(input.Code, packageType, context);
  const latest: FunctionVersion = {
    ...fn,
    ...code,
    version: "$LATEST",
    description: input.Description ?? "",
    role: input.Role,
    ...(packageType === "Zip" && input.Runtime ? { runtime: input.Runtime } : {}),
    ...(packageType === "Zip" && input.Handler !== undefined ? { handler: input.Handler } : {}),
    ...(input.ImageConfig ? { imageConfig: input.ImageConfig } : {}),
    timeoutSeconds: input.Timeout ?? 3,
    memoryMb: input.MemorySize ?? 128,
    ephemeralStorage: { Size: input.EphemeralStorage?.Size ?? 512 },
    architectures: input.Architectures ?? ["x86_64"],
    environment,
    tracingMode: input.TracingConfig?.Mode ?? "PassThrough",
    logFormat: input.LoggingConfig?.LogFormat ?? "Text",
    logGroup: input.LoggingConfig?.LogGroup ?? `/aws/lambda/${fn.name}`,
    ...(input.DeadLetterConfig?.TargetArn ? { deadLetterArn: input.DeadLetterConfig.TargetArn } : {}),
    lastModified: context.now,
    revisionId: context.newId(),
    state: "Pending",
    updateStatus: "Successful",
  };
  checkVersion(latest);
  if (!(await context.functions.add(latest, input.Tags ?? {}))) throw functionExists(fn.name);
  context.activate(fn);
  return describeVersion(input.Publish ? await context.functions.publish(latest) : latest);
};

export const GetFunction: Lambda["GetFunction"] = async (input, context) => {
  const { version, qualifier } = await resolveVersion(input, context);
  const { fn } = await requireFunction(input, context);
  const Code = version.imageUri
    ? { RepositoryType: "ECR", ImageUri: version.imageUri, ResolvedImageUri: resolvedImage(version) }
    : {
        RepositoryType: "S3",
        ...(version.codeDigest ? { Location: context.locations.urlOf(context.endpoint, version.codeDigest, context.now) } : {}),
      };
  return {
    Configuration: describeVersion(version, qualifier),
    Code,
    ...(Object.keys(fn.tags).length > 0 ? { Tags: fn.tags } : {}),
    ...(fn.reservedConcurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: fn.reservedConcurrency } }),
  };
};

const resolvedImage = ({ imageUri = "", imageDigest }: FunctionVersion): string =>
  imageDigest === undefined ? imageUri : `${imageUri.replace(/(:[^:/@]+)?(@.*)?$/, "")}@${imageDigest}`;

export const GetFunctionConfiguration: Lambda["GetFunctionConfiguration"] = async (input, context) => {
  const { version, qualifier } = await resolveVersion(input, context);
  return describeVersion(version, qualifier);
};

export const ListFunctions: Lambda["ListFunctions"] = async (input, context) => {
  const limit = Math.min(input.MaxItems ?? limits.maxItems, limits.maxItems);
  const after = readMarker(input.Marker);
  const allVersions = input.FunctionVersion === "ALL";
  const found = await context.functions.list(context, { after, limit: limit + 1, allVersions });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    Functions: page.map((version) => describeVersion(version, allVersions ? version.version : undefined)),
    ...(found.length > limit && last ? { NextMarker: writeMarker(last.name) } : {}),
  };
};

export const DeleteFunction: Lambda["DeleteFunction"] = async (input, context) => {
  const { fn, qualifier } = await requireFunction(input, context);
  if (qualifier === "$LATEST") throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
  if (qualifier === undefined) await context.functions.remove(fn);
  else {
    if (!(await context.functions.findVersion(fn, qualifier))) throw functionNotFound(functionArn(fn, qualifier));
    await context.functions.removeVersion(fn, qualifier);
  }
  context.executions.retire(fn, qualifier);
  return { StatusCode: 204 };
};
