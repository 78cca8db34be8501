import type Docker from "dockerode";
import { whereabouts } from "#config";
import { connectDocker } from "#engine/docker/connect.ts";
import { EngineError } from "#engine/engine.ts";

/** The container engine that a cloud on this machine uses. @throws EngineError code `Unavailable` */
export const findEngine = (): Promise<Docker> => connectDocker(whereabouts());

if (import.meta.main) {
  try {
    const { modem } = await findEngine();
    console.log("socketPath" in modem && modem.socketPath ? `unix://${String(modem.socketPath)}` : whereabouts().dockerHost);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.error(`set-up: ${error.message}`);
    process.exitCode = 1;
  }
}
