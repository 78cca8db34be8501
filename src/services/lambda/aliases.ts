import { conflict, functionNotFound, invalidParameter, preconditionFailed, resourceNotFound } from "./faults.ts";
import type { Alias, FunctionName, Lambda, LambdaContext } from "./lambda.ts";
import { functionArn, requireFunction } from "./names.ts";

const describe = (alias: Alias) => ({
  AliasArn: functionArn(alias, alias.alias),
  Name: alias.alias,
  FunctionVersion: alias.version,
  Description: alias.description,
  ...(Object.keys(alias.weights).length > 0 ? { RoutingConfig: { AdditionalVersionWeights: alias.weights } } : {}),
  RevisionId: alias.revisionId,
});

const checkRouting = async (fn: FunctionName, version: string, weights: Record<string, number>, { functions }: LambdaContext) => {
  for (const wanted of [version, ...Object.keys(weights)])
    if (!(await functions.findVersion(fn, wanted))) throw functionNotFound(functionArn(fn, wanted));
  const others = Object.entries(weights);
  if (others.length > 1) throw invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (others.length > 0 && version === "$LATEST")
    throw invalidParameter("$LATEST is not supported for an alias pointing to more than 1 version");
  for (const [other, weight] of others) {
    if (other === version)
      throw invalidParameter("Invalid function version. Function version and version in routing config must be different.");
    if (weight < 0 || weight > 1)
      throw invalidParameter(
        `1 validation error detected: Value '{${other}=${weight}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]`,
      );
  }
};

const requireAlias = async (fn: FunctionName, name: string, { aliases }: LambdaContext) => {
  const alias = await aliases.find(fn, name);
  if (!alias) throw resourceNotFound(`Cannot find alias arn: ${functionArn(fn, name)}`);
  return alias;
};

export const CreateAlias: Lambda["CreateAlias"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  const weights = input.RoutingConfig?.AdditionalVersionWeights ?? {};
  await checkRouting(fn, input.FunctionVersion, weights, context);
  if (await context.aliases.find(fn, input.Name)) throw conflict(`Alias already exists: ${functionArn(fn, input.Name)}`);
  const { account, region, name } = fn;
  const alias: Alias = {
    account,
    region,
    name,
    alias: input.Name,
    version: input.FunctionVersion,
    weights,
    description: input.Description ?? "",
    revisionId: context.newId(),
  };
  await context.aliases.put(alias);
  return describe(alias);
};

export const UpdateAlias: Lambda["UpdateAlias"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  const alias = await requireAlias(fn, input.Name, context);
  if (input.RevisionId !== undefined && input.RevisionId !== alias.revisionId) throw preconditionFailed();
  const version = input.FunctionVersion ?? alias.version;
  const weights = input.RoutingConfig ? (input.RoutingConfig.AdditionalVersionWeights ?? {}) : alias.weights;
  await checkRouting(fn, version, weights, context);
  const changed = { ...alias, version, weights, description: input.Description ?? alias.description, revisionId: context.newId() };
  await context.aliases.put(changed);
  return describe(changed);
};

export const GetAlias: Lambda["GetAlias"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  return describe(await requireAlias(fn, input.Name, context));
};

/** An alias that is not there is no error. */
export const DeleteAlias: Lambda["DeleteAlias"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  await context.aliases.remove(fn, input.Name);
  return {};
};

export const ListAliases: Lambda["ListAliases"] = async (input, context) => {
  const { fn } = await requireFunction({ FunctionName: input.FunctionName }, context);
  const all = await context.aliases.list(fn);
  return { Aliases: all.filter(({ version }) => input.FunctionVersion === undefined || version === input.FunctionVersion).map(describe) };
};
