import { isArray, isObject } from "../language/json.ts";
import type { Json, JsonObject } from "../language/json.ts";
import { malformed } from "./parameters.ts";
import type { Checked } from "./parameters.ts";

/** https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html */
const forbiddenHere = new RegExp(
  `^(a-im|accept-(charset|datetime|encoding)|authorization|cache-control|connection|content-(encoding|md5)|date|expect|forwarded|from|host|` +
    `http2-settings|if-(match|modified-since|none-match|range|unmodified-since)|max-forwards|origin|pragma|proxy-authorization|referer|` +
    `server|te|trailer|transfer-encoding|upgrade|via|warning|x-forwarded-.*|x-amzn?-.*)$`,
  "i",
);
/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html */
const forbiddenAtGateway =
  /^(x-(forwarded|amz|amzn).*|authorization|connection|content-md5|expect|host|max-forwards|proxy-authenticate|server|te|transfer-encoding|trailer|upgrade|via|www-authenticate)$/i;

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/** What is wrong with a request that `http:invoke` or `apigateway:invoke` is to send. */
export const checkRequest = (parameters: JsonObject, { target, isOpen }: Pick<Checked, "target" | "isOpen">): string[] => {
  const isHttp = target.prefix === "Http";
  if (!isHttp && target.prefix !== "ApiGateway") return [];
  const given = (name: string): Json | undefined => {
    const value = parameters[name];
    return value === undefined || value === null || isOpen(name, value) ? undefined : value;
  };
  const wrong = (name: string, isRight: (value: Json) => boolean): string[] => {
    const value = given(name);
    return value === undefined || isRight(value) ? [] : [malformed(name)];
  };
  const forbidden = isHttp ? forbiddenHere : forbiddenAtGateway;
  return [
    ...wrong("ApiEndpoint", (value) => typeof value === "string" && (isHttp ? isSecure(value) : !value.includes("/"))),
    ...wrong("Method", (value) => typeof value === "string" && methods.includes(value)),
    ...wrong(
      "QueryParameters",
      (value) => isObject(value) && (isHttp || Object.values(value).every((each) => isArray(each) || isOpen("", each))),
    ),
    ...wrong("Headers", (value) => isObject(value) && !Object.keys(value).some((name) => forbidden.test(name.replace(/\.\$$/, "")))),
    ...(isHttp ? missingConnection(parameters, isOpen) : []),
  ];
};

const isSecure = (url: string) => URL.canParse(url) && new URL(url).protocol === "https:";

/** The connection stands in one of two fields. */
const missingConnection = (parameters: JsonObject, isOpen: Checked["isOpen"]): string[] => {
  const names = ["InvocationConfig", "Authentication"];
  if (names.some((name) => Object.hasOwn(parameters, `${name}.$`))) return [];
  const value = names.map((name) => parameters[name] ?? null).find((each) => each !== null);
  if (value === undefined) return ["The field 'InvocationConfig' is required but was missing"];
  if (isOpen("", value) || (isObject(value) && ["ConnectionArn", "ConnectionArn.$"].some((name) => Object.hasOwn(value, name)))) return [];
  return ["The field 'ConnectionArn' is required but was missing"];
};
