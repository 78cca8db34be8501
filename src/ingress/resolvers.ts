import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect, isIP } from "node:net";
import { frame, Frames } from "./dns-frames.ts";

export type Resolver = { address: string; port: number };

const timeoutMs = 2_500;

/** The machine's own name servers, as its resolver reads them, without `except`, which would ask us again. */
export const readResolvers = (except: readonly string[], path = "/etc/resolv.conf"): Resolver[] => {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  const addresses = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? "");
  return addresses.filter((address) => isIP(address) !== 0 && !except.includes(address)).map((address) => ({ address, port: 53 }));
};

/** Sends the query as it is, so that extensions pass, from a fresh port, which makes a forged answer hard to place. */
const askByDatagram = (resolver: Resolver, query: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(isIP(resolver.address) === 6 ? "udp6" : "udp4");
    const finish = (outcome: Buffer | Error): void => {
      clearTimeout(timer);
      socket.close();
      if (Buffer.isBuffer(outcome)) resolve(outcome);
      else reject(outcome);
    };
    const timer = setTimeout(() => finish(new Error(`${resolver.address} does not answer`)), timeoutMs);
    socket.once("error", finish);
    socket.on("message", (answer) => {
      if (answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0)) finish(answer);
    });
    // Connected, the socket hears only this resolver and learns at once that nobody is there.
    socket.connect(resolver.port, resolver.address, () => socket.send(query));
  });

const askByStream = (resolver: Resolver, query: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: resolver.address, port: resolver.port, timeout: timeoutMs });
    const frames = new Frames();
    socket.once("timeout", () => socket.destroy(new Error(`${resolver.address} does not answer`)));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`${resolver.address} hung up`)));
    socket.on("data", (chunk: Buffer) => {
      for (const answer of frames.add(chunk)) {
        resolve(answer);
        socket.destroy();
        return;
      }
    });
    socket.write(frame(query));
  });

/** Asks one resolver after the other and gives the first answer. @throws the last one's failure */
export const forward = async (resolvers: readonly Resolver[], query: Buffer, transport: "udp" | "tcp"): Promise<Buffer> => {
  let last: unknown = new Error("no name server to ask");
  for (const resolver of resolvers) {
    try {
      return await (transport === "udp" ? askByDatagram(resolver, query) : askByStream(resolver, query));
    } catch (error) {
      last = error;
    }
  }
  throw last;
};
