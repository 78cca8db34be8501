import { decodeComponent } from "./http.ts";
import type { WireRequest } from "./http.ts";
import { NormalizedSchema, requiredMembers } from "./schema.ts";
import type { OperationSchema } from "./schema.ts";

/** Finds the operation of a REST request by its path binding. */
export type Routes = { match(request: WireRequest): Route | undefined };

export type Route = { operation: OperationSchema; labels: Readonly<Record<string, string>> };

type Segment = { literal: string } | { label: string; greedy: boolean };

type Candidate = {
  operation: OperationSchema;
  method: string;
  segments: readonly Segment[];
  /** Query parameters that the binding's URI demands (`?acl`, `?list-type=2`). */
  literals: readonly (readonly [string, string])[];
  /** Required members in query and headers: they tell CopyObject from PutObject, UploadPart from PutObject. */
  queries: readonly string[];
  headers: readonly string[];
};

export const compileRoutes = (operations: readonly OperationSchema[], bucketInPath: boolean): Routes => {
  const byMethod = Map.groupBy(
    operations.flatMap((operation) => compile(operation, bucketInPath)).toSorted((a, b) => specificity(b) - specificity(a)),
    (candidate) => candidate.method,
  );
  return {
    match: (request) => {
      const parts = request.path.split("/").slice(1);
      if (parts.length > 1 && parts.at(-1) === "" && !bucketInPath) parts.pop();
      const fits: Route[] = [];
      for (const candidate of byMethod.get(request.method) ?? []) {
        const labels = matchSegments(candidate.segments, parts);
        if (!labels || !candidate.literals.every((literal) => hasQuery(request, literal))) continue;
        if (hasDiscriminators(candidate, request)) return { operation: candidate.operation, labels };
        fits.push({ operation: candidate.operation, labels });
      }
      // An S3 path without what an operation demands is no operation: POST of an object is not CompleteMultipartUpload.
      return bucketInPath ? undefined : fits.at(-1);
    },
  };
};

const compile = (operation: OperationSchema, bucketInPath: boolean): Candidate[] => {
  if (!operation.http) return [];
  const [method, uri] = operation.http;
  const [rawPath = "/", rawQuery = ""] = uri.split("?");
  const members = operation.input.isStructSchema() ? [...operation.input.structIterator()] : [];
  const hasBucket = bucketInPath && members.some(([name, member]) => name === "Bucket" && isLabel(member)) && !rawPath.includes("{Bucket}");
  const path = hasBucket ? `/{Bucket}${rawPath === "/" ? "" : rawPath}` : rawPath;
  const literals = rawQuery
    .split("&")
    .filter((part) => part !== "" && !part.startsWith("x-id="))
    .map((part) => part.split("=") as [string, string?])
    .map(([name, value]) => [name, value ?? ""] as const);
  const required = new Set(operation.input.isStructSchema() ? requiredMembers(operation.input) : []);
  const traits = members.filter(([name]) => required.has(name)).map(([, member]) => member.getMergedTraits());
  return [
    {
      operation,
      method,
      segments: path.split("/").slice(1).map(segment),
      literals,
      queries: traits.flatMap(({ httpQuery }) => (httpQuery ? [httpQuery] : [])),
      headers: traits.flatMap(({ httpHeader }) => (httpHeader ? [httpHeader.toLowerCase()] : [])),
    },
  ];
};

const isLabel = (member: NormalizedSchema) => Boolean(member.getMergedTraits().httpLabel);

const segment = (text: string): Segment => {
  const label = /^\{(.+?)(\+?)\}$/.exec(text);
  return label ? { label: label[1] ?? "", greedy: label[2] === "+" } : { literal: text };
};

/** Query literals weigh most, then required queries and headers, then literal segments. */
const specificity = (candidate: Candidate) =>
  candidate.literals.length * 10_000 +
  (candidate.queries.length + candidate.headers.length) * 100 +
  candidate.segments.filter((each) => "literal" in each && each.literal !== "").length * 10 +
  candidate.segments.filter((each) => "label" in each && !each.greedy).length;

const hasQuery = (request: WireRequest, [name, value]: readonly [string, string]) =>
  request.query.some(([key, given]) => key === name && (value === "" || given === value));

const hasDiscriminators = (candidate: Candidate, request: WireRequest) =>
  candidate.queries.every((name) => hasQuery(request, [name, ""])) &&
  candidate.headers.every((name) => request.headers[name] !== undefined);

const matchSegments = (segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined => {
  const labels: Record<string, string> = {};
  for (const [index, each] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if ("literal" in each) {
      if (each.literal !== part) return undefined;
    } else if (each.greedy) {
      const after = segments.length - index - 1;
      const rest = parts.slice(index, parts.length - after);
      if (rest.length === 0 || rest.join("/") === "") return undefined;
      const tail = after === 0 ? {} : matchSegments(segments.slice(index + 1), parts.slice(parts.length - after));
      return tail && { ...labels, [each.label]: rest.map((text) => decodeComponent(text)).join("/"), ...tail };
    } else {
      if (part === "") return undefined;
      labels[each.label] = decodeComponent(part);
    }
  }
  const rest = parts.slice(segments.length);
  // A bucket may be addressed with a slash behind it.
  return rest.length === 0 || (rest.length === 1 && rest[0] === "") ? labels : undefined;
};
