import { get as getPlain } from "node:http";
import { get as getSecure } from "node:https";
import { decode, encode } from "dns-packet";
import { forward } from "./resolvers.ts";

/** Answered by every door itself, so that one that finds a port taken can tell a neighbour from a stranger. */
export const doorPath = "/_tandem/door";
export const doorWords = "tandem";

const timeoutMs = 2_000;

/** Whether names of AWS lead to the door there, as with any other name server they would not. */
export const isNameServerOfDoor = async (address: string, port: number): Promise<boolean> => {
  const query = encode({ type: "query", id: 1, questions: [{ type: "A", name: "s3.amazonaws.com" }] });
  try {
    const answers = decode(await forward([{ address, port }], query, "udp")).answers ?? [];
    return answers.some((answer) => answer.type === "A" && answer.data === address);
  } catch {
    return false;
  }
};

export const isDoor = (address: string, port: number, tls: boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { host: address, port, path: doorPath, timeout: timeoutMs, agent: false };
    // Whose certificate it is does not matter: nothing is said but hello.
    const request = tls ? getSecure({ ...options, rejectUnauthorized: false }) : getPlain(options);
    request.on("response", (response) => {
      response.resume();
      resolve(response.headers["server"] === doorWords);
      request.destroy();
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
