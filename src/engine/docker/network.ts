import type Docker from "dockerode";
import { asking, statusOf } from "./docker-fault.ts";
import { EngineError } from "../engine.ts";

export const networkName = "tandem";
/** SDKs take credentials over plain http from this address and from loopback only; as the gateway it is the machine itself. */
export const gatewayAddress = "169.254.170.2";
const subnet = "169.254.170.0/23";

/** The network that the tasks of all clouds of a machine are on. */
export type TaskNetwork = {
  /** The machine's own address on it. */
  gateway: string;
  /** The cloud, of all that run on the machine, whose task has this address. */
  cloudOf(address: string): Promise<string | undefined>;
};

/** Makes the machine's one network for tasks if it is not there. Safe when several clouds do it at once. */
export const ensureNetwork = async (docker: Docker): Promise<void> => {
  const network = docker.getNetwork(networkName);
  if (await exists(network)) return;
  try {
    await docker.createNetwork({
      Name: networkName,
      CheckDuplicate: true,
      Driver: "bridge",
      IPAM: { Driver: "default", Config: [{ Subnet: subnet, Gateway: gatewayAddress }] },
      Options: { "com.docker.network.bridge.name": "tandem0" },
    });
  } catch (error) {
    // Another cloud was faster: names and bridges are taken once. Its network may be a moment away.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if (await exists(network)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const words = error instanceof Error ? error.message : String(error);
    throw new EngineError("Unavailable", `The network ${networkName} (${subnet}) can't be made: ${words}`, { cause: error });
  }
};

const exists = async (network: Docker.Network): Promise<boolean> => {
  try {
    const found = (await network.inspect()) as { IPAM?: { Config?: { Gateway?: string }[] } };
    const gateway = found.IPAM?.Config?.[0]?.Gateway;
    if (gateway === gatewayAddress) return true;
    throw new EngineError("Unavailable", `The network ${networkName} has gateway ${gateway}, not ${gatewayAddress}: remove it.`);
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error instanceof EngineError ? error : await asking("Unavailable", Promise.reject(error));
  }
};
