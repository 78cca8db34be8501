import { describeVersion } from "./describe.ts";
import { functionNotFound, invalidParameter, preconditionFailed } from "./faults.ts";
import type { FunctionVersion, Lambda } from "./lambda.ts";
import { limits } from "./limits.ts";
import { functionArn, parseReference, requireFunction } from "./names.ts";
import { readMarker, writeMarker } from "./page-markers.ts";

export const PublishVersion: Lambda["PublishVersion"] = async (input, context) => {
  const { fn } = parseReference(input, context);
  const latest = await context.functions.findVersion(fn, "$LATEST");
  if (!latest) throw functionNotFound(functionArn(fn));
  if (input.RevisionId !== undefined && input.RevisionId !== latest.revisionId) throw preconditionFailed();
  if (input.CodeSha256 !== undefined && input.CodeSha256 !== latest.codeSha256)
    throw invalidParameter(
      `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  const newest = (await context.functions.versions(fn, { offset: 0, limit: 100_000 })).at(-1);
  if (newest && newest.version !== "$LATEST" && sameContent(newest, latest)) return describeVersion(newest);
  const description = input.Description ?? latest.description;
  return describeVersion(await context.functions.publish({ ...latest, description, revisionId: context.newId() }));
};

/** A version is published only when something has changed since the last one. */
const sameContent = (published: FunctionVersion, latest: FunctionVersion): boolean => {
  const content = ({
    version: _v,
    lastModified: _t,
    revisionId: _r,
    description: _d,
    state: _s,
    updateStatus: _u,
    ...rest
  }: FunctionVersion) => rest;
  return JSON.stringify(content(published)) === JSON.stringify(content(latest));
};

export const ListVersionsByFunction: Lambda["ListVersionsByFunction"] = async (input, context) => {
  const { fn } = await requireFunction(input, context);
  const limit = Math.min(input.MaxItems ?? limits.maxItems, limits.maxItems);
  const offset = Number(readMarker(input.Marker)) || 0;
  const found = await context.functions.versions(fn, { offset, limit: limit + 1 });
  return {
    Versions: found.slice(0, limit).map((version) => describeVersion(version, version.version)),
    ...(found.length > limit ? { NextMarker: writeMarker(String(offset + limit)) } : {}),
  };
};
