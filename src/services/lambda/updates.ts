import { describeVersion } from "./describe.ts";
import { conflict, functionNotFound, preconditionFailed } from "./faults.ts";
import type { FunctionName, FunctionVersion, Lambda, LambdaContext } from "./lambda.ts";
import { functionArn, parseReference } from "./names.ts";
import { takeCode } from "./new-code.ts";
import { checkEnvironment, checkLayers, checkVersion } from "./check-version.ts";

const requireLatest = async (fn: FunctionName, revisionId: string | undefined, { functions }: LambdaContext) => {
  const latest = await functions.findVersion(fn, "$LATEST");
  if (!latest) throw functionNotFound(functionArn(fn));
  if (revisionId !== undefined && revisionId !== latest.revisionId) throw preconditionFailed();
  return latest;
};

/** Stores a changed `$LATEST`; its environments end when they are done with what they do. */
const change = async (latest: FunctionVersion, changes: Partial<FunctionVersion>, context: LambdaContext): Promise<FunctionVersion> => {
  const changed: FunctionVersion = {
    ...latest,
    ...changes,
    lastModified: context.now,
    revisionId: context.newId(),
    updateStatus: "InProgress",
  };
  checkVersion(changed);
  if (!(await context.functions.replaceLatest(changed, latest.revisionId)))
    throw conflict(`The operation cannot be performed at this time. An update is in progress for resource: ${functionArn(latest)}`);
  context.executions.retire(latest, "$LATEST");
  context.activate(latest);
  return changed;
};

export const UpdateFunctionCode: Lambda["UpdateFunctionCode"] = async (input, context) => {
  const { fn } = parseReference(input, context);
  const latest = await requireLatest(fn, input.RevisionId, context);
  const { codeDigest: _digest, imageUri: _image, imageDigest: _tag, hotReloadPath: _path, ...kept } = latest;
  const code = await takeCode(input, latest.packageType, context);
  const wanted = { ...kept, ...code, ...(input.Architectures ? { architectures: input.Architectures } : {}) };
  if (input.DryRun) return describeVersion(wanted);
  const changed = await change(wanted, {}, context);
  return describeVersion(input.Publish ? await context.functions.publish(changed) : changed);
};

export const UpdateFunctionConfiguration: Lambda["UpdateFunctionConfiguration"] = async (input, context) => {
  const { fn } = parseReference(input, context);
  const latest = await requireLatest(fn, input.RevisionId, context);
  checkLayers(input.Layers);
  const changes: Partial<FunctionVersion> = {
    ...(input.Role === undefined ? {} : { role: input.Role }),
    ...(input.Handler === undefined ? {} : { handler: input.Handler }),
    ...(input.Runtime === undefined ? {} : { runtime: input.Runtime }),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.Timeout === undefined ? {} : { timeoutSeconds: input.Timeout }),
    ...(input.MemorySize === undefined ? {} : { memoryMb: input.MemorySize }),
    ...(input.Environment === undefined ? {} : { environment: checkEnvironment(input.Environment.Variables) }),
    ...(input.EphemeralStorage === undefined ? {} : { ephemeralStorage: { Size: input.EphemeralStorage.Size ?? 512 } }),
    ...(input.ImageConfig === undefined ? {} : { imageConfig: input.ImageConfig }),
    ...(input.TracingConfig?.Mode === undefined ? {} : { tracingMode: input.TracingConfig.Mode }),
    ...(input.LoggingConfig?.LogFormat === undefined ? {} : { logFormat: input.LoggingConfig.LogFormat }),
    ...(input.LoggingConfig?.LogGroup === undefined ? {} : { logGroup: input.LoggingConfig.LogGroup }),
    ...(input.DeadLetterConfig === undefined ? {} : { deadLetterArn: input.DeadLetterConfig.TargetArn ?? "" }),
  };
  return describeVersion(await change(latest, changes, context));
};
