/** What a path of the distribution API asks about. */
export type Route =
  | { kind: "version" }
  | { kind: "catalog" }
  | { kind: "tags"; name: string }
  | { kind: "manifest"; name: string; reference: string }
  | { kind: "blob"; name: string; digest: string }
  | { kind: "uploads"; name: string }
  | { kind: "upload"; name: string; id: string }
  | { kind: "referrers"; name: string; digest: string };

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */
export const parseRoute = (path: string): Route | undefined => {
  if (path === "/v2/" || path === "/v2") return { kind: "version" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const [, name, kind, last] = /^\/v2\/(.+)\/(tags|manifests|referrers|blobs)\/([^/]+(?:\/[^/]*)?)$/.exec(path) ?? [];
  const [, uploadName, id] = /^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/.exec(path) ?? [];
  if (uploadName !== undefined) return id ? { kind: "upload", name: uploadName, id } : { kind: "uploads", name: uploadName };
  if (name === undefined || last === undefined || last.includes("/")) return undefined;
  if (kind === "tags") return last === "list" ? { kind: "tags", name } : undefined;
  if (kind === "manifests") return { kind: "manifest", name, reference: last };
  return kind === "blobs" ? { kind: "blob", name, digest: last } : { kind: "referrers", name, digest: last };
};
