/** An image's name taken apart: `host:port/path:tag@digest`. */
export type Reference = { registry: string | undefined; repository: string; tag: string | undefined; digest: string | undefined };

/** As Docker reads names: the first part is a registry when it has a dot or a port, or is `localhost`. */
export const parseReference = (reference: string): Reference => {
  const [name = "", digest] = reference.split("@");
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  const repository = colon < 0 ? name : name.slice(0, colon);
  const first = repository.split("/")[0] ?? "";
  return {
    registry: repository.includes("/") && (/[.:]/.test(first) || first === "localhost") ? first : undefined,
    repository,
    tag: colon < 0 ? undefined : name.slice(colon + 1),
    digest,
  };
};

/** What to pull when a name has neither tag nor digest: Docker would take all tags. */
export const pullable = (reference: string): string => {
  const { tag, digest } = parseReference(reference);
  return tag === undefined && digest === undefined ? `${reference}:latest` : reference;
};
