import { emptyPolicy, invalidJson, malformedDocument } from "./faults.ts";

type Statement = Readonly<Record<string, unknown>>;

/** Checks a policy of what a role, or whoever it is attached to, may do; it is kept as it was given. */
export const checkDocument = (document: string): string => {
  for (const statement of statementsOf(document)) {
    if (has(statement, "Principal")) throw malformedDocument("Policy document should not specify a principal.");
    if (!has(statement, "Action")) throw malformedDocument("Policy statement must contain actions.");
    if (!has(statement, "Resource")) throw malformedDocument("Policy statement must contain resources.");
    checkActions(statement);
    for (const resource of textsOf(statement["Resource"] ?? statement["NotResource"]))
      if (resource !== "" && resource !== "*" && !/^(arn:|\$\{|\*)/.test(resource))
        throw malformedDocument(`Resource ${resource} must be in ARN format or "*".`);
  }
  return document;
};

/** Checks a policy of who may assume a role. */
export const checkTrust = (document: string): string => {
  for (const statement of statementsOf(document)) {
    if (has(statement, "Resource")) throw malformedDocument("Has prohibited field Resource");
    if (!has(statement, "Principal")) throw malformedDocument("Missing required field Principal");
    if (!has(statement, "Action")) throw malformedDocument("Missing required field Action");
    checkActions(statement);
    if (!textsOf(statement["Action"]).every((action) => /^sts:/i.test(action)))
      throw malformedDocument("AssumeRole policy may only specify STS AssumeRole actions.");
  }
  return document;
};

const versions: readonly unknown[] = [undefined, "2012-10-17", "2008-10-17"];

const statementsOf = (document: string): readonly Statement[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw invalidJson();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw emptyPolicy();
  const { Statement, Version } = parsed as { Statement?: unknown; Version?: unknown };
  const list: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (list.length === 0 || !list.every(isStatement) || !versions.includes(Version)) throw emptyPolicy();
  const ids = list.map(({ Sid }) => Sid).filter((id) => id !== undefined && id !== "");
  if (ids.some((id) => typeof id !== "string" || !/^[0-9A-Za-z]*$/.test(id)))
    throw malformedDocument(
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
  if (new Set(ids).size < ids.length) throw malformedDocument("Statement IDs (SID) in a single policy must be unique.");
  return list;
};

const isStatement = (statement: unknown): statement is Statement => {
  if (typeof statement !== "object" || statement === null) return false;
  const { Effect } = statement as Statement;
  return Effect === "Allow" || Effect === "Deny";
};

/** Whether a statement has an element, or its `Not` form. */
const has = (statement: Statement, name: "Action" | "Principal" | "Resource") =>
  statement[name] !== undefined || statement[`Not${name}`] !== undefined;

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");

const checkActions = (statement: Statement): void => {
  for (const action of textsOf(statement["Action"] ?? statement["NotAction"]))
    if (action !== "*" && !/^[\w*?-]+:/.test(action))
      throw malformedDocument("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
};

/** Documents leave percent-encoded by RFC 3986: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
