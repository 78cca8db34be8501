import { randomBytes } from "node:crypto";
import type { Ecr } from "./ecr.ts";
import { tokenLifeMs } from "./limits.ts";

export const GetAuthorizationToken: Ecr["GetAuthorizationToken"] = async (input, { account, region, caller, tokens, host, now }) => {
  const password = randomBytes(96).toString("base64url");
  const expiresAt = now + tokenLifeMs;
  await tokens.put(password, { account, arn: caller.arn, expiresAt }, now);
  const authorizationToken = Buffer.from(`AWS:${password}`).toString("base64");
  const registries = input.registryIds ?? [account];
  return {
    authorizationData: await Promise.all(
      registries.map(async (id) => ({
        authorizationToken,
        expiresAt: new Date(expiresAt),
        proxyEndpoint: `http://${await host(id, region)}`,
      })),
    ),
  };
};
