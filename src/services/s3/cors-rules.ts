/** A rule of a bucket's CORS configuration, as its client wrote it. */
export type CorsRule = {
  ID?: string | undefined;
  AllowedMethods: readonly string[];
  AllowedOrigins: readonly string[];
  AllowedHeaders?: readonly string[] | undefined;
  ExposeHeaders?: readonly string[] | undefined;
  MaxAgeSeconds?: number | undefined;
};

/** What a browser asks, in a preflight or with the request itself. */
export type CrossOriginRequest = { origin: string; method: string; headers: readonly string[] };

/** The first rule that allows a request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
export const findCorsRule = (rules: readonly CorsRule[], { origin, method, headers }: CrossOriginRequest): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.AllowedMethods.includes(method) &&
      rule.AllowedOrigins.some((pattern) => fits(pattern, origin)) &&
      headers.every((header) => rule.AllowedHeaders?.some((pattern) => fits(pattern.toLowerCase(), header))),
  );

export const corsHeaders = (rule: CorsRule, { origin, headers }: CrossOriginRequest): Record<string, string> => {
  const isForAll = rule.AllowedOrigins.includes("*");
  return {
    "access-control-allow-origin": isForAll ? "*" : origin,
    "access-control-allow-methods": rule.AllowedMethods.join(", "),
    ...(isForAll ? {} : { "access-control-allow-credentials": "true" }),
    ...(headers.length > 0 ? { "access-control-allow-headers": headers.join(", ") } : {}),
    ...(rule.ExposeHeaders?.length ? { "access-control-expose-headers": rule.ExposeHeaders.join(", ") } : {}),
    ...(rule.MaxAgeSeconds === undefined ? {} : { "access-control-max-age": String(rule.MaxAgeSeconds) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
};

/** A pattern has one wildcard at most. */
const fits = (pattern: string, text: string): boolean => {
  const [before = "", after] = pattern.split("*", 2);
  if (after === undefined) return pattern === text;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
};
