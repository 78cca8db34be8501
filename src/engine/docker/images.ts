import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { EngineError, type ImageBuild, type Images, type RegistryCredentials } from "../engine.ts";
import { buildContext } from "./build-context.ts";
import { asking, statusOf, unless, wordsOf } from "./docker-fault.ts";
import { parseReference, pullable } from "./references.ts";

/** One line of the engine's report on a pull, push or build. */
type Report = {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  error?: string;
  errorDetail?: { message?: string };
  aux?: { ID?: string; Tag?: string; Digest?: string };
};

/** So many of a build's last lines go into its error: enough to see what failed. */
const errorLines = 20;

const missing = /manifest (for .* )?(not found|unknown)|repository does not exist|name unknown|not found: manifest|No such image/i;

async function* readReports(source: Readable): AsyncGenerator<Report> {
  for await (const line of createInterface({ input: source })) if (line.trim() !== "") yield JSON.parse(line) as Report;
}

const authOf = (reference: string, credentials: RegistryCredentials | undefined): { authconfig?: Docker.AuthConfig } =>
  credentials ? { authconfig: { ...credentials, serveraddress: parseReference(reference).registry ?? "" } } : {};

const pull = async (docker: Docker, reference: string, credentials: RegistryCredentials | undefined): Promise<void> => {
  try {
    const source = (await docker.pull(pullable(reference), authOf(reference, credentials))) as Readable;
    for await (const { error } of readReports(source)) if (error !== undefined) throw new Error(error);
  } catch (error) {
    const words = wordsOf(error);
    const code = statusOf(error) === 404 || missing.test(words) ? "ImageNotFound" : "PullFailed";
    throw new EngineError(code, words, { cause: error });
  }
};

const build = async (docker: Docker, wanted: ImageBuild, progress: (line: string) => void): Promise<string> => {
  const context = await buildContext(wanted.contextPath, wanted.dockerfile ?? "Dockerfile");
  const options: Docker.ImageBuildOptions = {
    t: wanted.tag,
    dockerfile: wanted.dockerfile ?? "Dockerfile",
    rm: true,
    forcerm: true,
    ...(wanted.arguments ? { buildargs: { ...wanted.arguments } } : {}),
    ...(wanted.target ? { target: wanted.target } : {}),
  };
  let unreadable: Error | undefined;
  context.once("error", (error: Error) => (unreadable = error));
  const source = (await asking("BuildFailed", docker.buildImage(context as unknown as NodeJS.ReadableStream, options)).catch(
    (error: unknown) => {
      // A file of the context that can't be read breaks off the request; that is no fault of the engine's.
      throw unreadable ? new EngineError("BuildFailed", `unable to prepare context: ${unreadable.message}`, { cause: unreadable }) : error;
    },
  )) as Readable;
  const last: string[] = [];
  let id: string | undefined;
  for await (const report of readReports(source)) {
    for (const line of (report.stream ?? report.status ?? "").split(/\r?\n/)) {
      if (line.trim() === "") continue;
      progress(line);
      last.push(line);
      if (last.length > errorLines) last.shift();
    }
    if (report.error !== undefined) throw new EngineError("BuildFailed", [...last, report.error].join("\n"));
    id = report.aux?.ID ?? id;
  }
  id ??= (await docker.getImage(wanted.tag).inspect()).Id;
  return id;
};

type Push = { reference: string; credentials: RegistryCredentials | undefined };

const push = async (docker: Docker, { reference, credentials }: Push, progress: (line: string) => void): Promise<{ digest: string }> => {
  const { repository, tag = "latest" } = parseReference(reference);
  // The engine wants credentials on every push; a registry that needs none ignores these.
  const auth = authOf(reference, credentials ?? { username: "", password: "" });
  const source = (await asking("PushFailed", docker.getImage(repository).push({ tag, ...auth }))) as Readable;
  let digest: string | undefined;
  for await (const report of readReports(source)) {
    if (report.error !== undefined) throw new EngineError("PushFailed", report.error);
    if (report.status && !report.progress) progress(report.id ? `${report.id}: ${report.status}` : report.status);
    digest = report.aux?.Digest ?? digest;
  }
  if (digest === undefined) throw new EngineError("PushFailed", `The push of ${reference} ended without a digest.`);
  return { digest };
};

/** The images that a Docker engine holds. */
export const dockerImages = (docker: Docker): Images => ({
  find: async (reference) => (await unless([404], docker.getImage(reference).inspect()))?.Id,
  pull: (reference, credentials) => pull(docker, reference, credentials),
  build: (wanted, progress) => build(docker, wanted, progress),
  push: (reference, credentials, progress) => push(docker, { reference, credentials }, progress),
  tag: async (source, reference) => {
    const { repository, tag = "latest" } = parseReference(reference);
    await asking("ImageNotFound", docker.getImage(source).tag({ repo: repository, tag }));
  },
  remove: async (reference) => {
    await unless([404], docker.getImage(reference).remove());
  },
});
