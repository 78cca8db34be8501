import { EngineError } from "#engine/engine.ts";
import type { RegistryCredentials } from "#engine/engine.ts";
import type { Platform } from "../../service.ts";
import { parseOwnImage, pullName } from "../code/own-images.ts";
import { imageNotFound } from "../faults.ts";
import type { FunctionVersion } from "../lambda.ts";
import { callerOf } from "./callers.ts";

/** Brings a function's image onto the engine, and answers with the name that it has there. */
export const fetchFunctionImage = async (platform: Platform, { imageUri = "", imageDigest, account }: FunctionVersion): Promise<string> => {
  const { images } = await platform.engine();
  const own = imageDigest === undefined ? undefined : parseOwnImage(imageUri);
  const { port } = new URL(platform.endpoint());
  const wanted = own && imageDigest !== undefined ? pullName(own, imageDigest, port) : imageUri;
  if (await images.find(wanted)) return wanted;
  const credentials = own && platform.config.auth ? await credentialsOf(platform, account, own.region) : undefined;
  await images.pull(wanted, credentials).catch((error: unknown) => {
    if (error instanceof EngineError && (error.code === "ImageNotFound" || error.code === "PullFailed")) throw imageNotFound(imageUri);
    throw error;
  });
  return wanted;
};

const credentialsOf = async ({ callAs }: Platform, account: string, region: string): Promise<RegistryCredentials> => {
  const { authorizationData } = await callAs(callerOf(account), region)("ecr", "GetAuthorizationToken", {});
  const text = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  return { username: "AWS", password: text.slice("AWS:".length) };
};
