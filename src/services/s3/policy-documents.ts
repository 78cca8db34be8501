import { malformedPolicy } from "./faults.ts";

export type Statement = {
  Effect?: unknown;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};

export type Policy = { Statement: Statement[] };

/** Reads a resource policy as far as S3 checks it when it is put; what it allows is the matter of policy evaluation. */
export const readPolicy = (text: string, bucketArn: string): Policy => {
  const document = parse(text);
  const statements = asList(document["Statement"]) as Statement[];
  if (statements.length === 0) throw malformedPolicy("Missing required field Statement");
  for (const statement of statements) {
    if (typeof statement !== "object" || statement === null) throw malformedPolicy("Invalid policy syntax.");
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") throw malformedPolicy(`Invalid effect: ${String(statement.Effect)}`);
    if (statement.Principal === undefined && statement.NotPrincipal === undefined)
      throw malformedPolicy("Missing required field Principal");
    if (statement.Action === undefined && statement.NotAction === undefined) throw malformedPolicy("Missing required field Action");
    const resources = asList(statement.Resource ?? statement.NotResource);
    if (resources.length === 0) throw malformedPolicy("Missing required field Resource");
    for (const resource of resources) {
      const arn = String(resource);
      if (arn !== bucketArn && !arn.startsWith(`${bucketArn}/`) && !/^arn:aws:s3:::[^/]*\*/.test(arn))
        throw malformedPolicy("Policy has invalid resource");
    }
  }
  return { Statement: statements };
};

const parse = (text: string): Record<string, unknown> => {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return document as Record<string, unknown>;
  } catch {
    // Answered below, together with JSON that is no object.
  }
  throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status */
export const isPublicPolicy = ({ Statement }: Policy): boolean =>
  Statement.some(({ Effect, Principal, Condition }) => Effect === "Allow" && isEveryone(Principal) && Condition === undefined);

const isEveryone = (principal: unknown): boolean =>
  principal === "*" ||
  (typeof principal === "object" && principal !== null && Object.values(principal).some((each) => asList(each).includes("*")));

export const asList = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
