import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Config } from "#config";
import { Loops } from "#reconcile/loops.ts";
import type { Platform } from "#services/service.ts";
import { openSqliteStore } from "#store/sqlite/open.ts";
import { callAs, internalRequest } from "#wire/dispatch.ts";
import type { FindCredentials, IssuedCredentials, Log } from "#wire/context.ts";
import type { OtherHandler } from "#wire/gateway.ts";
import { newGateway } from "#wire/gateway.ts";
import { newIdentifier } from "#wire/identify-asker.ts";
import type { ServiceName } from "#wire/sdk.ts";
import { catalogue } from "./catalogue.ts";
import { systemClock } from "./clock.ts";
import { newContainerAccess } from "./container-access.ts";
import { newEngineOpener } from "./open-engine.ts";
import { newLog } from "./log.ts";
import { newServiceOpener } from "./open-services.ts";
import type { ServiceOpener } from "./open-services.ts";
import { loadRootCredentials } from "./root-credentials.ts";
import { newOwnEndpoints } from "./own-endpoints.ts";

/** A running cloud. */
export type Cloud = {
  /** `http://127.0.0.1:4566` */
  endpoint: string;
  /** Forgets the state of all services, of one, or of all but some. */
  reset(which?: { only?: ServiceName; keeping?: readonly ServiceName[] }): Promise<void>;
  /** Stops answering, waits for the steps under way and lets go of the data folder. Tasks run on, and are adopted at the next start. */
  close(): Promise<void>;
  /** Ends the cloud and whatever it started, leaving no container and, but for the services to be kept, no data: for tests and demonstrations. */
  discard(keeping?: readonly ServiceName[]): Promise<void>;
};

/** Starts a cloud in one data folder: everything that is shared is made here, and handed down. */
export const startCloud = async (config: Config): Promise<Cloud> => {
  const now = systemClock;
  const newId = randomUUID;
  const log = newLog(config.logLevel, now);
  const store = await openSqliteStore({ dataPath: config.dataPath, now, report: (error) => log.error({ error }, "the store reports") });
  const loops = new Loops((error, loop, key) => log.warn({ error, loop, key }, "a step failed and will be repeated"));
  const services = newServiceOpener(catalogue, () => platform);
  const engine = newEngineOpener(config, { log, prepareSandboxes: (network) => containers.prepare(network) });
  const containers = newContainerAccess(config, { log, now, network: engine.network, listener: () => listener });
  const platform: Platform = {
    config,
    store,
    loops,
    log,
    now,
    newId,
    engine: engine.open,
    callAs: (caller, region, requestId) =>
      callAs(services.open, internalRequest(caller, region, { now: now(), newId, endpoint: platform.endpoint(), requestId })),
    model: services.model,
    endpoint: () => endpoint,
    containers,
    resourceTypes: services.resourceTypes,
  };
  const findCredentials = findIn(services, config.auth ? await loadRootCredentials(config.dataPath) : undefined);
  const reset: Cloud["reset"] = (which) => resetServices(services, which);
  const { server, listener } = newGateway({
    bindings: catalogue.map(({ binding }) => binding),
    services: services.open,
    others: [
      newServicePaths(services, { auth: config.auth, find: findCredentials, now }),
      newOwnEndpoints({ reset, coverage: services.coverage, services: catalogue.map(({ binding }) => binding.name) }),
    ],
    auth: config.auth,
    findCredentials,
    now,
    newId,
    log,
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(config.port, config.host, resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
  wake(services, log);
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await loops.close();
    for (const [, service] of await services.awake()) await service.close?.();
    await containers.close();
    await engine.close();
    await store.close();
  };
  const discard = async (keeping: readonly ServiceName[] = []) => {
    for (const [name, service] of await services.awake()) if (!keeping.includes(name)) await service.reset?.();
    await close();
  };
  return { endpoint, reset, close, discard };
};

/** Opens the services that have work of their own, after the first requests can be answered. */
const wake = (services: ServiceOpener, log: Log): void => {
  for (const { binding, wakes } of catalogue)
    if (wakes)
      services.wake(binding.name).catch((error: unknown) => log.error({ error, service: binding.name }, "a service could not be opened"));
};

const resetServices = async (
  services: ServiceOpener,
  { only, keeping = [] }: Parameters<Cloud["reset"]>[0] & object = {},
): Promise<void> => {
  const names = catalogue.map(({ binding }) => binding.name).filter((name) => (only ? name === only : !keeping.includes(name)));
  for (const name of names) await (await services.wake(name)).reset?.();
};

/** Credentials are looked for where they are issued: the root's by the cloud itself, sessions by STS, users' keys by IAM. */
const findIn =
  (services: ServiceOpener, root: IssuedCredentials | undefined): FindCredentials =>
  async (accessKeyId) => {
    if (accessKeyId === root?.accessKeyId) return root;
    const issuers = catalogue.filter(({ binding }) => binding.name === (accessKeyId.startsWith("ASIA") ? "sts" : "iam"));
    const [issuer] = await Promise.all(issuers.map(({ binding }) => services.wake(binding.name)));
    return issuer?.findCredentials?.(accessKeyId);
  };

/** Hands requests for a service's own paths to it. */
const newServicePaths = (services: ServiceOpener, credentials: Parameters<typeof newIdentifier>[0]): OtherHandler => {
  const owners = catalogue.flatMap(({ binding: { name, signingNames }, ownsPath }) =>
    ownsPath ? [{ name, ownsPath, identify: newIdentifier(credentials, signingNames) }] : [],
  );
  return async (request, response, path) => {
    const owner = owners.find(({ ownsPath }) => ownsPath(path, request.headers.host ?? ""));
    if (!owner) return false;
    await (await services.wake(owner.name)).http?.(request, response, owner.identify);
    return true;
  };
};
