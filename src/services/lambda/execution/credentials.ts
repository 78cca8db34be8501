import type { Platform } from "../../service.ts";
import type { FunctionVersion } from "../lambda.ts";
import { callerOf } from "./callers.ts";

export type RoleCredentials = { variables: Record<string, string>; expiresAt: number };

const durationSeconds = 12 * 3600;
/** Credentials that are given to a new environment are good for at least this long. */
const freshMs = 6 * 3_600_000;

/** The credentials of functions' roles: assumed once for all environments of a function, and again when half of their time is over. */
export const newRoleCredentials = ({ callAs, now }: Pick<Platform, "callAs" | "now">) => {
  const known = new Map<string, Promise<RoleCredentials>>();

  const assume = async ({ account, region, role, name }: FunctionVersion): Promise<RoleCredentials> => {
    const { Credentials } = await callAs(callerOf(account), region)("sts", "AssumeRole", {
      RoleArn: role,
      RoleSessionName: name.slice(0, 64).padEnd(2, "-"),
      DurationSeconds: durationSeconds,
    });
    return {
      expiresAt: Credentials?.Expiration?.getTime() ?? now(),
      variables: {
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
        AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
      },
    };
  };

  return async (version: FunctionVersion): Promise<RoleCredentials> => {
    const key = `${version.region}/${version.role}/${version.name}`;
    const found = await known.get(key);
    if (found && found.expiresAt - now() > freshMs) return found;
    const assumed = assume(version);
    known.set(key, assumed);
    assumed.catch(() => known.delete(key));
    return assumed;
  };
};
