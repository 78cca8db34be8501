import type { Config } from "#config";
import type { Engine } from "#engine/engine.ts";
import { EngineError } from "#engine/engine.ts";
import type { Log } from "#wire/context.ts";

/** Connects to the engine when a task is first wanted. */
export type EngineOpener = { open(): Promise<Engine>; close(): Promise<void> };

export const newEngineOpener = (config: Config, _log: Log): EngineOpener => ({
  open: () => Promise.reject(new EngineError("Unavailable", `The ${config.engine} engine is not there.`)),
  close: async () => undefined,
});
