import { statSync } from "node:fs";
import Docker from "dockerode";
import { EngineError } from "../engine.ts";

export type Whereabouts = {
  /** `DOCKER_HOST`: `unix:///path` or `tcp://host:port`. */
  dockerHost?: string | undefined;
  homePath?: string | undefined;
  /** `XDG_RUNTIME_DIR`, where rootless engines keep their sockets. */
  runtimePath?: string | undefined;
};

/** 1.41 is what Docker Engine 20.10 and Podman speak. */
const version = "v1.41";

/** How long an engine may take to answer a ping. */
const answerMs = 5_000;

const isSocket = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;

/** The usual sockets of Docker, Docker Desktop, Colima and Podman, in the order they are tried. */
const usualSockets = ({ homePath, runtimePath }: Whereabouts): string[] => [
  "/var/run/docker.sock",
  ...(runtimePath ? [`${runtimePath}/docker.sock`] : []),
  ...(homePath
    ? [`${homePath}/.docker/run/docker.sock`, `${homePath}/.colima/default/docker.sock`, `${homePath}/.colima/docker.sock`]
    : []),
  ...(runtimePath ? [`${runtimePath}/podman/podman.sock`] : []),
  "/run/podman/podman.sock",
];

const atHost = (dockerHost: string): Docker => {
  if (dockerHost.startsWith("unix://")) return new Docker({ socketPath: dockerHost.slice("unix://".length), version });
  const url = new URL(dockerHost.includes("//") ? dockerHost : `tcp://${dockerHost}`);
  if (url.protocol !== "tcp:" && url.protocol !== "http:")
    throw new EngineError("Unavailable", `DOCKER_HOST ${dockerHost}: only unix and tcp`);
  return new Docker({ protocol: "http", host: url.hostname, port: Number(url.port) || 2375, version });
};

const answers = async (docker: Docker): Promise<boolean> => {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), answerMs).unref());
  const asked = docker.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]);
};

/**
 * The first Docker-compatible engine that answers: a socket may outlive its engine. `DOCKER_HOST`, where set, is the user's choice, and
 * nothing else is tried. @throws EngineError code `Unavailable`
 */
export const connectDocker = async (whereabouts: Whereabouts): Promise<Docker> => {
  const { dockerHost } = whereabouts;
  const sockets = usualSockets(whereabouts);
  const candidates = dockerHost ? [atHost(dockerHost)] : sockets.filter(isSocket).map((socketPath) => new Docker({ socketPath, version }));
  for (const docker of candidates) if (await answers(docker)) return docker;
  const asked = dockerHost ? `DOCKER_HOST=${dockerHost}` : sockets.join(", ");
  throw new EngineError("Unavailable", `No container engine answers at ${asked}.`);
};
