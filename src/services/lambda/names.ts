import { functionNotFound, invalidParameter, resourceNotFound, validation } from "./faults.ts";
import type { FunctionName, FunctionVersion, LambdaContext } from "./lambda.ts";

export const functionArn = ({ account, region, name }: FunctionName, qualifier?: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;

/** Of the name alone; with what stands around it in an ARN it may have 140. */
const maxNameLength = 64;

type Reference = { FunctionName: string; Qualifier?: string | undefined };

/** What `FunctionName` may be: a name, `account:function:name`, or an ARN; each with a qualifier behind it or not. */
export const parseReference = (
  { FunctionName: text, Qualifier }: Reference,
  { account, region }: { account: string; region: string },
): { fn: FunctionName; qualifier: string | undefined } => {
  const found = /^(?:arn:[^:]*:lambda:)?(?:([a-z0-9-]+-\d):)?(?:(\d{12}):)?(?:function:)?([^:]+)(?::([^:]+))?$/.exec(text);
  const [, ownRegion, ownAccount, name = text, embedded] = found ?? [];
  if (name.length > maxNameLength)
    throw validation(
      `Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${maxNameLength}`,
    );
  if (embedded !== undefined && Qualifier !== undefined && embedded !== Qualifier)
    throw invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  return { fn: { account: ownAccount ?? account, region: ownRegion ?? region, name }, qualifier: Qualifier ?? embedded };
};

/** The function that an operation means, whatever its version. */
export const requireFunction = async (reference: Reference, context: LambdaContext) => {
  const { fn, qualifier } = parseReference(reference, context);
  const found = await context.functions.find(fn);
  if (!found) throw functionNotFound(functionArn(fn, qualifier));
  return { fn: found, qualifier };
};

export type Resolved = { version: FunctionVersion; qualifier: string | undefined; invokedArn: string };

/** The version that a name, version number or alias stands for; an alias with weights picks by `chance`. */
export const resolveVersion = async (
  reference: Reference,
  { functions, aliases, account, region }: Pick<LambdaContext, "functions" | "aliases" | "account" | "region">,
  chance = 1,
): Promise<Resolved> => {
  const { fn, qualifier } = parseReference(reference, { account, region });
  const invokedArn = functionArn(fn, qualifier);
  const isVersion = qualifier === undefined || qualifier === "$LATEST" || /^\d+$/.test(qualifier);
  const alias = isVersion ? undefined : await aliases.find(fn, qualifier);
  if (!isVersion && !alias)
    throw (await functions.find(fn)) ? resourceNotFound(`Cannot find alias arn: ${invokedArn}`) : functionNotFound(invokedArn);
  const wanted = alias ? pick(alias, chance) : (qualifier ?? "$LATEST");
  const version = await functions.findVersion(fn, wanted);
  if (!version) throw functionNotFound(invokedArn);
  return { version, qualifier, invokedArn };
};

/** `chance` is from 0 to 1: the first part of it goes to the additional versions. */
const pick = ({ version, weights }: { version: string; weights: Record<string, number> }, chance: number): string => {
  let left = chance;
  for (const [other, weight] of Object.entries(weights)) {
    if (left < weight) return other;
    left -= weight;
  }
  return version;
};
