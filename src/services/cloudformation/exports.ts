import type { CloudFormation } from "./cloudformation.ts";
import { validationError } from "./faults.ts";
import { limits } from "./limits.ts";
import { page } from "./page.ts";

export const ListExports: CloudFormation["ListExports"] = async (input, context) => {
  const { items, NextToken } = page(await context.exports.all(context), input.NextToken, limits.exportsPage);
  return { NextToken, Exports: items.map(({ name, value, stackId }) => ({ ExportingStackId: stackId, Name: name, Value: value })) };
};

export const ListImports: CloudFormation["ListImports"] = async (input, context) => {
  const importers = await context.exports.importers(context, input.ExportName);
  if (importers.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`);
  const names = importers.map((stackId) => stackId.split("/")[1] ?? stackId);
  const { items, NextToken } = page(names, input.NextToken, limits.exportsPage);
  return { NextToken, Imports: items };
};
