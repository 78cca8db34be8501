import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { imageId, say } from "./image-build.ts";

export const baseImage = "debian:bookworm-slim";

/** A registry that is silent for so long is taken as absent; a slow one goes on telling its progress. */
const silenceMs = 15_000;

const changes = ['CMD ["bash"]', "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

const pull = async (docker: Docker): Promise<void> => {
  const abort = new AbortController();
  const silence = setTimeout(() => abort.abort(new Error("no registry answers")), silenceMs);
  try {
    const stream = await docker.pull(baseImage, { abortSignal: abort.signal });
    await new Promise<void>((resolve, reject) => {
      abort.signal.addEventListener("abort", () => reject(abort.signal.reason));
      docker.modem.followProgress(
        stream,
        (error) => (error ? reject(error) : resolve()),
        () => silence.refresh(),
      );
    });
  } finally {
    clearTimeout(silence);
  }
};

const isRoot = (): boolean => process.getuid?.() === 0;

const run = async (command: readonly string[]): Promise<void> => {
  const [program = "", ...rest] = isRoot() ? command : ["sudo", ...command];
  const child = spawn(program, rest, { stdio: ["inherit", "pipe", "pipe"] });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`${program} ${rest.join(" ")} failed:\n${(output + errors).trim().split("\n").slice(-20).join("\n")}`);
};

const works = async (command: readonly string[]): Promise<boolean> => {
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, { stdio: "ignore" });
  return new Promise((resolve) => child.on("error", () => resolve(false)).on("close", (code) => resolve(code === 0)));
};

const buildFromPackages = async (docker: Docker): Promise<void> => {
  if (!(await works(["sh", "-c", "PATH=$PATH:/usr/sbin; command -v debootstrap"]))) {
    if (!(await works(["sh", "-c", "command -v apt-get"])))
      throw new Error(`No registry gives ${baseImage}, and it can be built on Debian and its like only: supply that image.`);
    say("installing debootstrap");
    await run(["apt-get", "update", "-q"]);
    await run(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qy", "--no-install-recommends", "debootstrap"]);
  }
  const script = join(import.meta.dirname, "debian-rootfs");
  const kept = ["http_proxy", "TMPDIR"].flatMap((name) => (process.env[name] ? [`${name}=${process.env[name]}`] : []));
  const [program = "", ...rest] = isRoot() ? ["sh", script] : ["sudo", "env", ...kept, "sh", script];
  const child = spawn(program, rest, { stdio: ["inherit", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const staged = "tandem/base-import:latest";
  const stream = await docker.importImage(child.stdout, { repo: "tandem/base-import", tag: "latest", changes });
  await new Promise<void>((resolve, reject) => docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())));
  const code = await ended;
  // Only a whole file system gets the name.
  if (code === 0) await docker.getImage(staged).tag({ repo: "debian", tag: "bookworm-slim" });
  await docker.getImage(staged).remove();
  if (code !== 0) throw new Error(`${baseImage} could not be built from Debian's packages (see above).`);
};

/** Sees to it that the engine has the base image: from a registry where one answers, else made from Debian's packages. */
export const ensureBaseImage = async (docker: Docker): Promise<void> => {
  if (await imageId(docker, baseImage)) return;
  say(`pulling ${baseImage}`);
  try {
    await pull(docker);
    // Podman ends its report of a pull that failed as it ends any other.
    if (!(await imageId(docker, baseImage))) throw new Error("the engine found none that has it");
  } catch (error) {
    say(`no registry gives it (${error instanceof Error ? error.message : String(error)}): building it from Debian's packages`);
    await buildFromPackages(docker);
  }
};
