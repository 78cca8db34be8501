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

const isSocket = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;

/** The usual sockets of Docker, Docker Desktop, Colima and Podman, in the order they are tried. */
export const usualSockets = ({ homePath, runtimePath }: Whereabouts): string[] => [
  "/var/run/docker.sock",
  ...(runtimePath ? [`${runtimePath}/docker.sock`] : []),
  ...(homePath ? [`${homePath}/.docker/run/docker.sock`, `${homePath}/.colima/default/docker.sock`] : []),
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

/** Finds a Docker-compatible engine, without yet speaking to it. @throws EngineError code `Unavailable` */
export const connectDocker = (whereabouts: Whereabouts): Docker => {
  if (whereabouts.dockerHost) return atHost(whereabouts.dockerHost);
  const sockets = usualSockets(whereabouts);
  const socketPath = sockets.find(isSocket);
  if (!socketPath) throw new EngineError("Unavailable", `No container engine: none of ${sockets.join(", ")} is a socket.`);
  return new Docker({ socketPath, version });
};
