import { invalidParameter } from "./faults.ts";
import type { Lambda, LambdaContext } from "./lambda.ts";
import { limits } from "./limits.ts";
import { requireFunction } from "./names.ts";

const reservedByOthers = async (name: string, context: LambdaContext) => {
  const all = await context.functions.reservedConcurrency(context);
  return all.reduce((sum, other) => sum + (other.name === name ? 0 : other.reserved), 0);
};

export const PutFunctionConcurrency: Lambda["PutFunctionConcurrency"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  const left = limits.concurrentExecutions - (await reservedByOthers(fn.name, context)) - input.ReservedConcurrentExecutions;
  if (left < limits.unreservedMinimum)
    throw invalidParameter(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${limits.unreservedMinimum}].`,
    );
  await context.functions.setConcurrency(fn, input.ReservedConcurrentExecutions);
  return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions };
};

export const GetFunctionConcurrency: Lambda["GetFunctionConcurrency"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  return fn.reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: fn.reservedConcurrency };
};

export const DeleteFunctionConcurrency: Lambda["DeleteFunctionConcurrency"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  await context.functions.setConcurrency(fn, undefined);
  return {};
};

export const GetAccountSettings: Lambda["GetAccountSettings"] = async (_input, context) => {
  const { functionCount, codeBytes } = await context.functions.usage(context);
  return {
    AccountLimit: {
      TotalCodeSize: limits.totalCodeBytes,
      CodeSizeUnzipped: limits.unzippedBytes,
      CodeSizeZipped: limits.zippedBytes,
      ConcurrentExecutions: limits.concurrentExecutions,
      UnreservedConcurrentExecutions: limits.concurrentExecutions - (await reservedByOthers("", context)),
    },
    AccountUsage: { TotalCodeSize: codeBytes, FunctionCount: functionCount },
  };
};
