import { createHmac, timingSafeEqual } from "node:crypto";
import { Readable } from "node:stream";
import type { FindCredentials } from "./context.ts";
import { Fault } from "./fault.ts";
import { boundaryOf, readForm } from "./form-fields.ts";
import type { Form } from "./form-fields.ts";
import { checkPolicy } from "./form-policy.ts";
import type { FormPolicy } from "./form-policy.ts";
import { decodeComponent } from "./http.ts";
import type { WireRequest, WireResponse } from "./http.ts";
import { escapeXml, xmlDeclaration } from "./protocols/xml.ts";
import { signatureDoesNotMatch, signingKey } from "./signature.ts";
import type { Signature } from "./signature.ts";

/** A page's upload, turned into the PUT that it means, and its answer turned back. */
type FormUpload = { request: WireRequest; signature: Signature | undefined; answer: (put: WireResponse) => WireResponse };

export const isFormUpload = ({ method, path, query }: WireRequest): boolean =>
  method === "POST" && query.length === 0 && /^\/[^/]+\/?$/.test(path);

/** Fields that are a PUT's headers. */
const isHeader = (name: string) =>
  /^(acl|tagging|content-(type|disposition|encoding|language)|cache-control|expires)$/.test(name) ||
  /^x-amz-(meta-|storage-class$|server-side|website|checksum-|sdk-checksum|object-lock|security-token$|tagging$|acl$)/.test(name);

/**
 * Reads a form that a page sent to a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 * The policy is checked wherever there is one; its signature, as everywhere, with `--auth` only.
 */
export const takeFormUpload = async (
  request: WireRequest,
  { put, ...place }: Place & { put: (upload: FormUpload) => Promise<WireResponse> },
): Promise<WireResponse> => {
  const boundary = boundaryOf(request.headers["content-type"] ?? "");
  if (boundary === undefined)
    throw new Fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
      details: { Condition: "Bucket POST must be of the enclosure-type multipart/form-data" },
    });
  const chunks = request.body.iterator({ destroyOnReturn: false });
  try {
    const form = await toPut(request, await readForm(chunks, boundary), place);
    return form.answer(await put(form));
  } finally {
    // What is left of the body must flow away, or the connection's next request would wait behind it.
    await chunks.return?.();
  }
};

type Place = { auth: boolean; now: number; find: FindCredentials };

const toPut = async (request: WireRequest, form: Form, { auth, now, find }: Place): Promise<FormUpload> => {
  const bucket = decodeComponent(request.path.split("/")[1] ?? "");
  const fields = new Map([...form.fields].map(([name, value]) => [name.toLowerCase(), value]));
  const keyField = fields.get("key");
  if (!keyField)
    throw new Fault(
      "InvalidArgument",
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      400,
      {
        details: { ArgumentName: "key", ArgumentValue: "" },
      },
    );
  const signature = signatureOf(fields);
  if (auth) await verify(fields, signature, find);
  const policy = fields.get("policy");
  const limits = policy === undefined ? unlimited : checkPolicy(policy, new Map([...fields, ["bucket", bucket]]), now);
  const key = keyField.replaceAll("${filename}", () => form.fileName);
  const path = `/${encodeURIComponent(bucket)}/${encodeURIComponent(key)}`;
  const put: WireRequest = {
    ...request,
    method: "PUT",
    path,
    signedPath: path,
    headers: headersOf(request, fields),
    body: Readable.from(limited(form.file, limits), { objectMode: false }),
  };
  return { request: put, signature, answer: (response) => answerForm(response, { fields, key, bucket, host: request.host }) };
};

const headersOf = ({ headers, host }: WireRequest, fields: ReadonlyMap<string, string>): Record<string, string> => {
  const own = [...fields]
    .filter(([name]) => isHeader(name))
    .map(([name, value]) => [name === "acl" || name === "tagging" ? `x-amz-${name}` : name, value]);
  return { host, ...(headers["origin"] === undefined ? {} : { origin: headers["origin"] }), ...Object.fromEntries(own) };
};

const unlimited: FormPolicy = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };

async function* limited(file: AsyncIterable<Uint8Array>, { minBytes, maxBytes }: FormPolicy): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of file) {
    size += chunk.length;
    if (size > maxBytes)
      throw new Fault("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
        details: { ProposedSize: size, MaxSizeAllowed: maxBytes },
      });
    yield chunk;
  }
  if (size < minBytes)
    throw new Fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
      details: { ProposedSize: size, MinSizeAllowed: minBytes },
    });
}

/** A form is signed in its fields: version 4 with a credential, version 2 with an access key alone. */
const signatureOf = (fields: ReadonlyMap<string, string>): Signature | undefined => {
  const [accessKeyId, date = "", region = "us-east-1"] = (fields.get("x-amz-credential") ?? fields.get("awsaccesskeyid") ?? "").split("/");
  if (!accessKeyId) return undefined;
  return {
    algorithm: fields.has("x-amz-credential") ? "AWS4-HMAC-SHA256" : "AWS",
    accessKeyId,
    date,
    region,
    service: "s3",
    signedHeaders: [],
    signature: fields.get("x-amz-signature") ?? fields.get("signature") ?? "",
    isPresigned: false,
    timestamp: fields.get("x-amz-date") ?? "",
  };
};

const verify = async (fields: ReadonlyMap<string, string>, signature: Signature | undefined, find: FindCredentials): Promise<void> => {
  const policy = fields.get("policy");
  if (!signature || policy === undefined) throw new Fault("AccessDenied", "Access Denied", 403);
  const credentials = await find(signature.accessKeyId);
  if (!credentials) throw new Fault("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403);
  if (credentials.sessionToken !== undefined && fields.get("x-amz-security-token") !== credentials.sessionToken)
    throw new Fault("InvalidToken", "The provided token is malformed or otherwise invalid.", 400);
  const isV4 = signature.algorithm === "AWS4-HMAC-SHA256";
  const expected = isV4
    ? createHmac("sha256", signingKey(credentials.secretAccessKey, signature)).update(policy).digest()
    : createHmac("sha1", credentials.secretAccessKey).update(policy).digest();
  const given = Buffer.from(signature.signature, isV4 ? "hex" : "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw signatureDoesNotMatch();
};

type Sent = { fields: ReadonlyMap<string, string>; key: string; bucket: string; host: string };

/** 204 unless the form asks for 200, for 201 with a document, or for another page. */
const answerForm = (put: WireResponse, { fields, key, bucket, host }: Sent): WireResponse => {
  if (put.status !== 200) return put;
  const etag = put.headers["etag"] ?? "";
  const path = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const location = `http://${host.startsWith(`${bucket}.`) ? `${host}/${path.slice(bucket.length + 1)}` : `${host}/${path}`}`;
  const headers = { ...put.headers, location };
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (redirect !== undefined && URL.canParse(redirect)) {
    const page = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag })) page.searchParams.append(name, value);
    return { status: 303, headers: { ...headers, location: page.href }, body: undefined };
  }
  const status = fields.get("success_action_status");
  if (status !== "201") return { status: status === "200" ? 200 : 204, headers, body: undefined };
  const members = { Location: location, Bucket: bucket, Key: key, ETag: etag };
  const body = Object.entries(members)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");
  return {
    status: 201,
    headers: { ...headers, "content-type": "application/xml" },
    body: `${xmlDeclaration}<PostResponse>${body}</PostResponse>`,
  };
};
