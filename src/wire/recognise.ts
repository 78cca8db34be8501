import { parseQuery, queryValue } from "./http.ts";
import type { WireRequest } from "./http.ts";
import type { Binding, ProtocolName } from "./model.ts";
import type { Signature } from "./signature.ts";

/** Which service a request is for, in which protocol, and the operation where the protocol names it outside the path. */
export type Recognised = { binding: Binding; protocol: ProtocolName; operation?: string };

/** A service that we lack, named by the request's own words. */
export type Unrecognised = { service: string; operation: string };

/** A form's body is read before the service is known: its action is in it. */
export type Form = { action: string; version: string };

export const isForm = (request: WireRequest): boolean =>
  request.method === "POST" &&
  (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded") &&
  !request.headers["x-amz-target"];

export const readForm = (request: WireRequest, body: Buffer): Form | undefined => {
  const fields = new Map([...request.query, ...parseQuery(body.toString("utf8"))]);
  const action = fields.get("Action");
  return action === undefined ? undefined : { action, version: fields.get("Version") ?? "" };
};

export const recognise = (
  request: WireRequest,
  bindings: readonly Binding[],
  signature: Signature | undefined,
  form: Form | undefined,
): Recognised | Unrecognised => {
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return byCborPath(request, bindings);
  const target = request.headers["x-amz-target"];
  if (target !== undefined) return byTarget(request, bindings, target);
  const query = form ?? queryForm(request);
  if (query && signature?.service !== "s3") return byAction(request, bindings, { signature, ...query });
  return byPath(request, bindings, signature);
};

const queryForm = (request: WireRequest): Form | undefined => {
  const action = request.method === "GET" ? queryValue(request, "Action") : undefined;
  return action === undefined ? undefined : { action, version: queryValue(request, "Version") ?? "" };
};

const byCborPath = (request: WireRequest, bindings: readonly Binding[]): Recognised | Unrecognised => {
  const [, service = "", operation = ""] = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path) ?? [];
  const binding = bindings.find(({ targetPrefix, protocols }) => targetPrefix === service && protocols.includes("rpcv2Cbor"));
  return binding ? { binding, protocol: "rpcv2Cbor", operation } : { service, operation };
};

const byTarget = (request: WireRequest, bindings: readonly Binding[], target: string): Recognised | Unrecognised => {
  const at = target.lastIndexOf(".");
  const prefix = target.slice(0, at);
  const operation = target.slice(at + 1);
  const binding = bindings.find(({ targetPrefix }) => targetPrefix === prefix);
  if (!binding) return { service: prefix || target, operation };
  const protocol = (request.headers["content-type"] ?? "").includes("json-1.0") ? "awsJson1_0" : "awsJson1_1";
  return { binding, protocol: binding.protocols.includes(protocol) ? protocol : (binding.protocols[0] ?? protocol), operation };
};

type Action = Form & { signature: Signature | undefined };

/** Several services share versions (STS and others are 2011-06-15), so the scope and the host come first. */
const byAction = (
  request: WireRequest,
  bindings: readonly Binding[],
  { action, version, signature }: Action,
): Recognised | Unrecognised => {
  const speakers = bindings.filter(({ protocols }) => protocols.includes("awsQuery") || protocols.includes("ec2Query"));
  const binding =
    bySigner(speakers, signature) ?? byHost(speakers, request.host) ?? speakers.find(({ apiVersion }) => apiVersion === version);
  if (!binding) return { service: signature?.service ?? "unknown", operation: action };
  return { binding, protocol: binding.protocols.includes("ec2Query") ? "ec2Query" : "awsQuery", operation: action };
};

const byPath = (request: WireRequest, bindings: readonly Binding[], signature: Signature | undefined): Recognised | Unrecognised => {
  const speakers = bindings.filter(({ protocols }) => protocols.includes("restJson1") || protocols.includes("restXml"));
  const binding =
    bySigner(speakers, signature) ??
    (signature
      ? undefined
      : (byHost(speakers, request.host) ?? speakers.find(({ paths }) => paths?.test(request.path)) ?? speakers.find(({ isS3 }) => isS3)));
  if (!binding) return { service: signature?.service ?? "unknown", operation: `${request.method} ${request.path}` };
  return { binding, protocol: binding.protocols.includes("restXml") ? "restXml" : "restJson1" };
};

const bySigner = (bindings: readonly Binding[], signature: Signature | undefined) =>
  signature && bindings.find(({ signingNames }) => signingNames.includes(signature.service));

const byHost = (bindings: readonly Binding[], host: string) => {
  const labels = host.split(":")[0]?.split(".") ?? [];
  return labels.length < 2 ? undefined : bindings.find(({ hostNames }) => hostNames.some((name) => labels.includes(name)));
};

/**
 * The bucket in a virtual host (`<bucket>.s3.<region>.amazonaws.com`, `<bucket>.s3.localhost.localstack.cloud`), or undefined. A bucket's name may hold dots.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export const bucketOfHost = (host: string): string | undefined =>
  /^(.+)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.(?:amazonaws\.com(?:\.cn)?|localhost(?:\.localstack\.cloud)?)(?::\d+)?$/.exec(host)?.[1];

/** The region in a host name (`sqs.eu-west-1.amazonaws.com`), for requests without a signature. */
export const regionOfHost = (host: string): string | undefined => /\b([a-z]{2}(?:-[a-z]+)+-\d)\b/.exec(host)?.[1];
