import { Fault } from "./fault.ts";

/** What a form's policy allows, read from its base64 JSON. */
export type FormPolicy = { minBytes: number; maxBytes: number };

const denied = (why: string) => new Fault("AccessDenied", `Invalid according to Policy: ${why}`, 403);
const invalid = (why: string) => new Fault("InvalidPolicyDocument", `Invalid Policy: ${why}`, 400);

/** Fields that a policy need not name. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
const unnamed = /^(bucket|x-amz-signature|file|policy|awsaccesskeyid|signature|x-ignore-.*)$/;

/** Checks the fields of a form, with lower-case names, against the policy that came with them. */
export const checkPolicy = (policy: string, fields: ReadonlyMap<string, string>, now: number): FormPolicy => {
  const { expiration, conditions } = readPolicy(policy);
  if (expiration <= now) throw denied("Policy expired.");
  const limits = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  const named = new Set<string>();
  for (const condition of conditions) {
    if (Array.isArray(condition) && String(condition[0]).toLowerCase() === "content-length-range") {
      Object.assign(limits, { minBytes: Number(condition[1]), maxBytes: Number(condition[2]) });
      continue;
    }
    for (const [operator, name, wanted] of comparisonsOf(condition)) {
      named.add(name);
      const value = fields.get(name) ?? "";
      const holds = operator === "eq" ? value === wanted : value.startsWith(wanted);
      if (!holds) throw denied(`Policy Condition failed: ${JSON.stringify([operator, `$${name}`, wanted]).replaceAll(",", ", ")}`);
    }
  }
  for (const name of fields.keys()) if (!named.has(name) && !unnamed.test(name)) throw denied(`Extra input fields: ${name}`);
  return limits;
};

type Comparison = readonly [operator: "eq" | "starts-with", name: string, wanted: string];

const comparisonsOf = (condition: unknown): Comparison[] => {
  if (Array.isArray(condition)) {
    const [operator, name, wanted] = condition.map(String);
    const lower = operator?.toLowerCase();
    if ((lower !== "eq" && lower !== "starts-with") || !name?.startsWith("$") || wanted === undefined)
      throw invalid("Invalid Condition: unknown operation or form.");
    return [[lower, name.slice(1).toLowerCase(), wanted]];
  }
  if (typeof condition !== "object" || condition === null) throw invalid("Invalid JSON: a condition is a list or an object.");
  return Object.entries(condition).map(([name, wanted]) => ["eq", name.toLowerCase(), String(wanted)] as const);
};

const readPolicy = (text: string): { expiration: number; conditions: readonly unknown[] } => {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(text, "base64").toString());
  } catch {
    throw invalid("Invalid JSON.");
  }
  const { expiration, conditions } = (policy ?? {}) as { expiration?: unknown; conditions?: unknown };
  const at = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(at)) throw invalid("Policy missing expiration.");
  if (!Array.isArray(conditions)) throw invalid("Policy missing conditions.");
  return { expiration: at, conditions };
};
