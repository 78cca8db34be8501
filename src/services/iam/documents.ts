import { emptyPolicy, invalidJson } from "./faults.ts";

/** Checks that a policy document is JSON of a policy's form; it is kept as it was given. */
export const checkDocument = (document: string): string => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw invalidJson();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw emptyPolicy();
  const statements = (parsed as { Statement?: unknown }).Statement;
  const list = Array.isArray(statements) ? statements : [statements];
  if (list.length === 0 || !list.every(isStatement)) throw emptyPolicy();
  return document;
};

const isStatement = (statement: unknown): boolean => {
  if (typeof statement !== "object" || statement === null) return false;
  const { Effect, Action, NotAction } = statement as Record<string, unknown>;
  return (Effect === "Allow" || Effect === "Deny") && (Action !== undefined || NotAction !== undefined);
};

/** Documents leave percent-encoded by RFC 3986: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
