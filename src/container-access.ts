import type { Config } from "#config";
import type { ContainerAccess } from "#services/service.ts";
import type { Log } from "#wire/context.ts";
import type { RequestListener } from "#wire/gateway.ts";
import type { EngineOpener } from "./open-engine.ts";

type Parts = { log: Log; engine: EngineOpener; listener: () => RequestListener };

/** What containers talk to. */
export const newContainerAccess = (_config: Config, _parts: Parts): ContainerAccess & { close(): Promise<void> } => ({
  grants: async () => ({ environment: {}, mounts: [] }),
  serve: () => undefined,
  bridgeAddress: () => Promise.reject(new Error("containers have no bridge yet")),
  close: async () => undefined,
});
