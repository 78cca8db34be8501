import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Config } from "#config";
import type { SandboxSettings } from "#engine/docker/sandboxes.ts";
import type { TaskNetwork } from "#engine/docker/network.ts";
import type { Door } from "#ingress/door.ts";
import type { PortState } from "#ingress/held-port.ts";
import type { ContainerAccess } from "#services/service.ts";
import type { Log } from "#wire/context.ts";
import type { RequestListener } from "#wire/gateway.ts";
import { readCloudId } from "./open-engine.ts";

type Parts = { log: Log; now: () => number; network: () => Promise<TaskNetwork>; listener: () => RequestListener };
type Handler = (request: IncomingMessage, response: ServerResponse, address: string) => Promise<void>;

type Access = ContainerAccess & {
  /** Opens the door on the tasks' network; called by the engine before it makes the first sandbox. */
  prepare(network: TaskNetwork): Promise<SandboxSettings>;
  close(): Promise<void>;
};

/** SDKs take credentials over plain http from no other address but loopback. */
const gateway = "169.254.170.2";
/** 4566 is where programs look that were written for local clouds: `localhost.localstack.cloud:4566`. */
const ports = { dns: [53], plain: [80, 4566], tls: [443] } as const;
/** Where the clouds of a machine find each other: all that run as root, or all of one user. */
const socketFolderOf = ({ runtimePath, dataPath }: Config): string =>
  process.getuid?.() === 0 ? "/run/tandem" : join(runtimePath ?? dataPath, "tandem");

const loadAuthority = async (config: Config, now: () => number) => {
  const { CertificateAuthority } = await import("#ingress/certificates.ts");
  return new CertificateAuthority({ folder: join(config.dataPath, "ca"), now });
};

/** What containers talk to. */
export const newContainerAccess = (config: Config, { log, now, network, listener }: Parts): Access => {
  const handlers: { prefix: string; handler: Handler }[] = [];
  let authority: ReturnType<typeof loadAuthority> | undefined;
  let door: Door | undefined;
  const authorityOf = () => (authority ??= loadAuthority(config, now));

  const answer = async (request: IncomingMessage, response: ServerResponse, address: string): Promise<void> => {
    const found = handlers.find(({ prefix }) => request.url?.startsWith(prefix));
    // The same paths under AWS's names are objects and operations.
    if (found && request.headers.host?.replace(/:\d+$/, "") === gateway) await found.handler(request, response, address);
    else listener()(request, response);
  };
  const tell = ({ port, protocol, state, reason }: PortState): void => {
    if (state === "closed") log.warn({ port, protocol, reason }, "containers can't reach the cloud at this port");
    else log.info({ port, protocol, state, reason }, "a port for containers");
  };

  return {
    prepare: async ({ cloudOf }) => {
      const [{ openDoor }, { NameTable }, certificates, cloudId] = await Promise.all([
        import("#ingress/door.ts"),
        import("#ingress/name-table.ts"),
        authorityOf(),
        readCloudId(config.dataPath),
      ]);
      door ??= await openDoor({
        cloudId,
        address: gateway,
        ports,
        socketFolder: socketFolderOf(config),
        names: new NameTable(gateway),
        certificates,
        cloudOf,
        onState: tell,
        onRequest: (request, response, { remoteAddress }) => {
          answer(request, response, remoteAddress).catch((error: unknown) => {
            log.error({ error }, "a container's request ended in an unexpected error");
            response.destroy();
          });
        },
      });
      // Without the port for names, containers keep the machine's own name servers.
      return { dns: door.states().some(({ port, state }) => port === 53 && state === "closed") ? [] : [gateway] };
    },
    grants: async (region) => {
      const { surroundings } = await import("#ingress/surroundings.ts");
      return surroundings({ bundlePath: await (await authorityOf()).bundlePath(), endpointUrl: `http://${gateway}`, region });
    },
    serve: (prefix, handler) => {
      handlers.push({ prefix, handler });
    },
    bridgeAddress: async () => (await network()).gateway,
    close: async () => door?.close(),
  };
};
