import { Fault } from "#wire/fault.ts";
import { asList } from "./policy-documents.ts";
import type { Policy, Statement } from "./policy-documents.ts";
import type { Bucket, S3Context } from "./s3.ts";

/** Why S3 may not invoke a function for a bucket, in AWS's words, or undefined when its policy lets S3 do so. */
export const whyNotInvocable = async (arn: string, bucket: Bucket, { call }: S3Context): Promise<string | undefined> => {
  const refusal = `Not authorized to invoke function [${arn}]`;
  const qualifier = arn.split(":")[7];
  try {
    const { Policy: text } = await call("lambda", "GetPolicy", {
      FunctionName: arn.split(":").slice(0, 7).join(":"),
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
    });
    return text !== undefined && letsS3Invoke(JSON.parse(text) as Policy, bucket) ? undefined : refusal;
  } catch (error) {
    if (error instanceof Fault) return error.code === "NotImplemented" ? error.message : refusal;
    throw error;
  }
};

export const letsS3Invoke = (policy: Policy, bucket: Pick<Bucket, "name" | "account">): boolean => {
  const matching = policy.Statement.filter(
    (statement) => isForS3(statement.Principal) && isForInvoke(statement.Action) && holds(statement.Condition, bucket),
  );
  return matching.some(({ Effect }) => Effect === "Allow") && !matching.some(({ Effect }) => Effect === "Deny");
};

const isForS3 = (principal: Statement["Principal"]): boolean =>
  principal === "*" ||
  (typeof principal === "object" &&
    principal !== null &&
    Object.values(principal).some((each) => asList(each).some((name) => name === "*" || name === "s3.amazonaws.com")));

const isForInvoke = (action: unknown): boolean =>
  asList(action).some((pattern) => like(String(pattern).toLowerCase(), "lambda:invokefunction"));

/** The conditions that AddPermission writes: the bucket's ARN and its account. A condition that is not known does not hold. */
const holds = (condition: Statement["Condition"], bucket: Pick<Bucket, "name" | "account">): boolean =>
  Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const actual = { "aws:sourcearn": `arn:aws:s3:::${bucket.name}`, "aws:sourceaccount": bucket.account }[key.toLowerCase()];
      if (actual === undefined) return false;
      if (/^(StringEquals|StringEqualsIfExists)$/.test(operator)) return asList(wanted).includes(actual);
      if (/^(ArnLike|ArnEquals|StringLike)(IfExists)?$/.test(operator)) return asList(wanted).some((each) => like(String(each), actual));
      return false;
    }),
  );

const like = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  ).test(text);
