import { randomBytes } from "node:crypto";
import { Fault } from "#wire/fault.ts";
import type { Session, Sts } from "./sts.ts";

export const GetCallerIdentity: Sts["GetCallerIdentity"] = async (_input, { caller }) => ({
  UserId: caller.userId,
  Account: caller.account,
  Arn: caller.arn,
});

export const GetAccessKeyInfo: Sts["GetAccessKeyInfo"] = async (input, { account, sessions }) => {
  const found = await sessions.find(input.AccessKeyId);
  return { Account: found?.account ?? account };
};

/**
 * Any role may be assumed where no authentication is asked, known to IAM or not: tools that only switch accounts rely on it. The role's own id is used
 * when IAM has one.
 */
export const AssumeRole: Sts["AssumeRole"] = async (input, { sessions, call, now }) => {
  const role = parseRoleArn(input.RoleArn);
  const durationSeconds = input.DurationSeconds ?? 3600;
  const known = await call("iam", "GetRole", { RoleName: role.name }).catch((error: unknown) => {
    if (error instanceof Fault) return undefined;
    throw error;
  });
  const userId = `${known?.Role?.RoleId ?? "AROA" + idOf(role.name)}:${input.RoleSessionName}`;
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${input.RoleSessionName}`;
  const session = newSession({ account: role.account, arn, userId, expiresAt: now + durationSeconds * 1000 });
  await sessions.put(session, now);
  return { Credentials: credentialsOf(session), AssumedRoleUser: { AssumedRoleId: userId, Arn: arn }, PackedPolicySize: 0 };
};

export const GetSessionToken: Sts["GetSessionToken"] = async (input, { sessions, caller, now }) => {
  const session = newSession({ ...caller, expiresAt: now + (input.DurationSeconds ?? 43_200) * 1000 });
  await sessions.put(session, now);
  return { Credentials: credentialsOf(session) };
};

const parseRoleArn = (arn: string) => {
  const [, account, path] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(.+)$/.exec(arn) ?? [];
  if (account === undefined || path === undefined) throw new Fault("ValidationError", `${arn} is invalid`, 400);
  return { account, name: path.slice(path.lastIndexOf("/") + 1) };
};

const newSession = ({ account, arn, userId, expiresAt }: Pick<Session, "account" | "arn" | "userId" | "expiresAt">): Session => ({
  account,
  arn,
  userId,
  expiresAt,
  accessKeyId: `ASIA${base32(randomBytes(10)).slice(0, 16)}`,
  secretAccessKey: randomBytes(30).toString("base64"),
  sessionToken: `FwoGZXIvYXdzE${randomBytes(120).toString("base64")}`,
});

const credentialsOf = ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: Session) => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: sessionToken,
  Expiration: new Date(expiresAt),
});

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const base32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)] ?? "A").join("");
};

/** A stable id of IAM's form for a role that IAM does not know. */
const idOf = (name: string) => base32(Buffer.from(name.padEnd(11, "X"))).slice(0, 17);
