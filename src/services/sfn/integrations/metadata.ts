import type { ProtocolName } from "#wire/model.ts";
import type { JsonObject } from "../language/json.ts";
import type { Job } from "./job.ts";

const contentTypes: Readonly<Record<ProtocolName, string>> = {
  awsJson1_0: "application/x-amz-json-1.0",
  awsJson1_1: "application/x-amz-json-1.1",
  awsQuery: "text/xml",
  ec2Query: "text/xml;charset=UTF-8",
  restJson1: "application/json",
  restXml: "application/xml",
  rpcv2Cbor: "application/cbor",
};

/** What the older SDK for Java tells of a response besides its content. */
export const metadataOf = (
  { model, requestId, now }: Pick<Job, "model" | "requestId" | "now">,
  { status = 200, more = {} }: { status?: number; more?: Readonly<Record<string, string>> } = {},
): JsonObject => {
  const headers: Record<string, string> = {
    "Content-Type": contentTypes[model?.binding.protocols[0] ?? "awsJson1_0"],
    Date: new Date(now()).toUTCString(),
    ...more,
    "x-amzn-RequestId": requestId,
  };
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return {
    SdkHttpMetadata: { AllHttpHeaders: lists, HttpHeaders: headers, HttpStatusCode: status },
    SdkResponseMetadata: { RequestId: requestId },
  };
};
