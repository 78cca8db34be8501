import { statSync } from "node:fs";
import Docker from "dockerode";

export type FoundEngine = { docker: Docker; address: string };

const answerMs = 5_000;

const environment = process.env;

/** The usual sockets of Docker, Docker Desktop, Colima and Podman, in the order they are tried. */
const usualSockets = (): string[] => {
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = environment;
  return [
    "/var/run/docker.sock",
    ...(runtime ? [`${runtime}/docker.sock`] : []),
    ...(home ? [`${home}/.docker/run/docker.sock`, `${home}/.colima/default/docker.sock`, `${home}/.colima/docker.sock`] : []),
    ...(runtime ? [`${runtime}/podman/podman.sock`] : []),
    "/run/podman/podman.sock",
  ];
};

const answers = async (docker: Docker): Promise<boolean> => {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), answerMs).unref());
  const asked = docker.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]);
};

/** The first Docker-compatible engine that answers a ping. `DOCKER_HOST`, where set, is the user's choice: nothing else is tried. */
export const findEngine = async (): Promise<FoundEngine | undefined> => {
  const candidates: FoundEngine[] = environment["DOCKER_HOST"]
    ? [{ address: environment["DOCKER_HOST"], docker: new Docker() }]
    : usualSockets()
        .filter((socketPath) => statSync(socketPath, { throwIfNoEntry: false })?.isSocket())
        .map((socketPath) => ({ address: `unix://${socketPath}`, docker: new Docker({ socketPath }) }));
  for (const candidate of candidates) if (await answers(candidate.docker)) return candidate;
  return undefined;
};

if (import.meta.main) {
  const found = await findEngine();
  if (found) console.log(found.address);
  process.exit(found ? 0 : 1);
}
