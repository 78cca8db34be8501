import type { CrossOrigin } from "#wire/dispatch.ts";
import { Fault } from "#wire/fault.ts";
import { findBucket } from "./buckets.ts";
import type { ConfigurationRows } from "./configuration-rows.ts";
import { corsHeaders, findCorsRule } from "./cors-rules.ts";
import type { CorsRule } from "./cors-rules.ts";
import { corsForbidden, invalidRequest, malformedXml, noSuchCors } from "./faults.ts";
import { limits } from "./limits.ts";
import type { S3 } from "./s3.ts";

export const GetBucketCors: S3["GetBucketCors"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = await context.configurations.find<CorsRule[]>(name, "cors");
  if (!rules) throw noSuchCors(name);
  return {
    CORSRules: rules.map((rule) => ({
      ...rule,
      AllowedMethods: [...rule.AllowedMethods],
      AllowedOrigins: [...rule.AllowedOrigins],
      AllowedHeaders: rule.AllowedHeaders && [...rule.AllowedHeaders],
      ExposeHeaders: rule.ExposeHeaders && [...rule.ExposeHeaders],
    })),
  };
};

export const PutBucketCors: S3["PutBucketCors"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  const rules = input.CORSConfiguration.CORSRules ?? [];
  if (rules.length === 0 || rules.length > limits.corsRules) throw malformedXml();
  for (const { AllowedMethods = [], AllowedOrigins = [], AllowedHeaders = [] } of rules) {
    if (AllowedMethods.length === 0 || AllowedOrigins.length === 0) throw malformedXml();
    const unknown = AllowedMethods.find((method) => !["GET", "PUT", "POST", "DELETE", "HEAD"].includes(method));
    if (unknown !== undefined) throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`);
    checkWildcards("AllowedOrigin", AllowedOrigins);
    checkWildcards("AllowedHeader", AllowedHeaders);
  }
  await context.configurations.put(name, "cors", rules);
  return {};
};

const checkWildcards = (element: string, patterns: readonly string[]): void => {
  const wild = patterns.find((pattern) => pattern.split("*").length > 2);
  if (wild !== undefined) throw invalidRequest(`${element} "${wild}" can not have more than one wildcard.`);
};

export const DeleteBucketCors: S3["DeleteBucketCors"] = async (input, context) => {
  const { name } = await findBucket(input, context);
  await context.configurations.remove(name, "cors");
  return {};
};

/** Answers browsers: preflights are allowed or refused by the bucket's rules, other requests get the headers of the rule that fits. */
export const newCrossOrigin =
  (configurations: ConfigurationRows): CrossOrigin =>
  async ({ method, path, headers }) => {
    const isPreflight = method === "OPTIONS";
    if (headers["origin"] === undefined) throw new Fault("BadRequest", "Insufficient information. Origin request header needed.", 400);
    const rules = await configurations.find<CorsRule[]>(path.split("/")[1] ?? "", "cors");
    if (!rules && isPreflight) throw corsForbidden("CORSResponse: CORS is not enabled for this bucket.");
    const asked = {
      origin: headers["origin"],
      method: isPreflight ? (headers["access-control-request-method"] ?? "") : method,
      headers: isPreflight ? splitHeaders(headers["access-control-request-headers"]) : [],
    };
    const rule = findCorsRule(rules ?? [], asked);
    if (!rule && isPreflight)
      throw corsForbidden(
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      );
    return rule ? corsHeaders(rule, asked) : {};
  };

const splitHeaders = (header = "") =>
  header
    .split(",")
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== "");
