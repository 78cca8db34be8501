import type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket, type SecureContext } from "node:tls";
import type { CertificateAuthority } from "./certificates.ts";
import { NameServer } from "./dns.ts";
import { graceMs, holdTcp, holdUdp, type HeldPort, type PortState } from "./held-port.ts";
import type { NameTable } from "./name-table.ts";
import { doorPath, doorWords, isDoor, isNameServerOfDoor } from "./probe.ts";
import { readResolvers, type Resolver } from "./resolvers.ts";
import { askThrough, listenInside, splice, type Caller } from "./splice.ts";

type Visitor = { remoteAddress: string; tls: boolean };

export type DoorSettings = {
  cloudId: string;
  /** The gateway of the containers' network. */
  address: string;
  ports: { dns: readonly number[]; plain: readonly number[]; tls: readonly number[] };
  /** Folder that all clouds of the machine share; each has a socket in it, by which the one that the kernel gave a connection hands it on. */
  socketFolder: string;
  names: NameTable;
  certificates: CertificateAuthority;
  resolvers?: readonly Resolver[];
  /** The cloud whose container has this address; undefined when none of any cloud's has. */
  cloudOf(address: string): Promise<string | undefined>;
  onRequest(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void;
  /** Told of every port once at the start and whenever it changes, with the reason in words for the user. */
  onState(state: PortState): void;
};

export type Door = {
  /** The ports that are this cloud's, shared with the user's other clouds, or, while another user's cloud has them, reach it through that. */
  states(): readonly PortState[];
  close(): Promise<void>;
};

/** SDKs keep connections for a minute; one that we close first would be a request lost. */
const keepAliveMs = 70_000;
const handshakeMs = 10_000;
const headersMs = 20_000;
const maxHeaderSize = 32 * 1024;

/** More than any SDK opens; a container that opens more is turned away, and takes nothing from the others. */
const maxConnectionsEach = 1_024;

type Inside = {
  server: Server;
  /** The connections that this door took, by whether they are known to be this cloud's. */
  own: Set<Socket>;
  others: Set<Socket>;
  callers: Map<string, number>;
  visitors: WeakMap<Socket, Visitor>;
  settings: DoorSettings;
  nameServer: NameServer;
};

/** Clients that come by address name no host, and get the certificate of the address. */
const openTls = async ({ settings: { certificates, address } }: Inside, socket: Socket): Promise<TLSSocket> => {
  const secureContext = await certificates.context(address);
  const contextOf = async (name: string, done: (error: Error | null, context?: SecureContext) => void): Promise<void> => {
    const context = await certificates.context(name).catch((error: Error) => error);
    if (context instanceof Error) done(context);
    else done(null, context);
  };
  const secure = new TLSSocket(socket, { isServer: true, secureContext, SNICallback: contextOf, ALPNProtocols: ["http/1.1"] });
  const timer = setTimeout(() => socket.destroy(), handshakeMs).unref();
  secure.once("secure", () => clearTimeout(timer));
  socket.once("close", () => {
    clearTimeout(timer);
    secure.destroy();
  });
  return secure;
};

/** Serves a connection that is for this cloud, whichever way it came. */
const serve = async (inside: Inside, socket: Socket, { remoteAddress, port }: Caller): Promise<void> => {
  const { ports } = inside.settings;
  if (ports.dns.includes(port)) {
    inside.nameServer.serve(socket);
    return;
  }
  const tls = ports.tls.includes(port);
  const carrier = tls ? await openTls(inside, socket) : socket;
  carrier.on("error", () => carrier.destroy());
  inside.visitors.set(carrier, { remoteAddress, tls });
  inside.server.emit("connection", carrier);
  if (!tls) carrier.resume();
};

const socketPath = ({ socketFolder }: DoorSettings, cloudId: string): string => join(socketFolder, `${cloudId}.sock`);

/**
 * The other cloud that a caller belongs to; undefined for our own, and for callers that are nobody's, who are ours to answer. Fails when it
 * can't be known: an answer of the wrong cloud is worse than none, after which the caller asks again.
 */
const otherCloud = async (settings: DoorSettings, address: string): Promise<string | undefined> => {
  const cloudId = await settings.cloudOf(address);
  return cloudId === undefined || cloudId === settings.cloudId ? undefined : cloudId;
};

/** False, and the connection gone, when its caller has too many. */
const countIn = (callers: Map<string, number>, address: string, socket: Socket): boolean => {
  const count = callers.get(address) ?? 0;
  if (count >= maxConnectionsEach) {
    socket.destroy();
    return false;
  }
  callers.set(address, count + 1);
  socket.once("close", () => {
    const left = (callers.get(address) ?? 1) - 1;
    if (left > 0) callers.set(address, left);
    else callers.delete(address);
  });
  return true;
};

const accept = async (inside: Inside, socket: Socket, port: number): Promise<void> => {
  const remoteAddress = socket.remoteAddress ?? "";
  socket.on("error", () => socket.destroy());
  if (!countIn(inside.callers, remoteAddress, socket)) return;
  const { own, others } = inside;
  others.add(socket);
  socket.once("close", () => [own, others].forEach((sockets) => sockets.delete(socket)));
  const other = await otherCloud(inside.settings, remoteAddress);
  if (socket.destroyed) return;
  if (other === undefined) {
    others.delete(socket);
    own.add(socket);
    await serve(inside, socket, { remoteAddress, port });
  } else splice(socket, socketPath(inside.settings, other), { remoteAddress, port });
};

/** Fails when the door is closed meanwhile, or when it can't be known who asks: then there is no answer, and the caller asks again. */
const answerDatagram = async (
  inside: Inside,
  message: Buffer,
  { from, socket, port }: { from: RemoteInfo; socket: DatagramSocket; port: number },
) => {
  const other = await otherCloud(inside.settings, from.address);
  const answer =
    other === undefined
      ? await inside.nameServer.answer(message, "udp")
      : await askNames(socketPath(inside.settings, other), { remoteAddress: from.address, port }, message);
  if (answer) socket.send(answer, from.port, from.address, () => undefined);
};

const askNames = async (path: string, caller: Caller, message: Buffer): Promise<Buffer | undefined> => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  const answer = await askThrough(path, caller, Buffer.concat([length, message])).catch(() => undefined);
  return answer && answer.length > 2 ? answer.subarray(2) : undefined;
};

const openInside = (settings: DoorSettings): Inside => {
  const visitors = new WeakMap<Socket, Visitor>();
  const server = createServer(
    { keepAliveTimeout: keepAliveMs, headersTimeout: headersMs, maxHeaderSize, requestTimeout: 0 },
    (request, response) => {
      const visitor = visitors.get(request.socket);
      if (request.url === doorPath) response.setHeader("server", doorWords).end();
      else if (visitor) settings.onRequest(request, response, visitor);
      else request.socket.destroy();
    },
  );
  // It is given connections and never listens itself; this starts its watch over clients that do not finish their headers.
  server.emit("listening");
  const resolvers = settings.resolvers;
  const nameServer = new NameServer(settings.names, () => resolvers ?? readResolvers([settings.address]));
  return { server, own: new Set(), others: new Set(), callers: new Map(), visitors, settings, nameServer };
};

/** A taken port is as good as open when another cloud has it, and of no use to containers when a stranger has. */
const unmask = async ({ address, ports }: DoorSettings, taken: PortState, onState: (state: PortState) => void): Promise<void> => {
  const { port } = taken;
  const known = ports.dns.includes(port) ? await isNameServerOfDoor(address, port) : await isDoor(address, port, ports.tls.includes(port));
  if (known) return;
  onState({ ...taken, state: "closed", reason: `a program that is no cloud of this machine listens on ${address}:${port}` });
};

/** Opens the ways by which containers reach this cloud. What can't be opened is told and tried again; it is no error. */
export const openDoor = async (settings: DoorSettings): Promise<Door> => {
  const { address, ports } = settings;
  const inside = openInside(settings);
  const states = new Map<string, PortState>();
  const onState = (state: PortState): void => {
    states.set(`${state.protocol} ${state.port}`, state);
    settings.onState(state);
  };
  const welcome = async (socket: Socket, how: () => Promise<void>): Promise<void> => {
    try {
      await how();
    } catch {
      socket.destroy();
    }
  };
  const path = socketPath(settings, settings.cloudId);
  const inner = await listenInside(path, (socket, caller) => {
    void welcome(socket, () => serve(inside, socket, caller));
  }).catch((error: Error) => {
    onState({ port: 0, protocol: "tcp", state: "closed", reason: `other clouds can't hand on to this one by ${path}: ${error.message}` });
    return undefined;
  });
  const held: HeldPort[] = [
    ...[...ports.dns, ...ports.plain, ...ports.tls].map((port) =>
      holdTcp({ address, port, onState }, (socket) => {
        void welcome(socket, () => accept(inside, socket, port));
      }),
    ),
    ...ports.dns.map((port) =>
      holdUdp({ address, port, onState }, (message, from, socket) =>
        answerDatagram(inside, message, { from, socket, port }).catch(() => undefined),
      ),
    ),
  ];
  await Promise.all(held.map((port) => port.first));
  await Promise.all([...states.values()].filter(({ state }) => state === "taken").map((state) => unmask(settings, state, onState)));
  return {
    states: () => [...states.values()],
    close: async () => {
      const closed = Promise.all([inner?.close(), ...held.map((port) => port.close())]);
      for (const socket of inside.own) socket.destroy();
      const timer = setTimeout(() => [...inside.own, ...inside.others].forEach((socket) => socket.destroy()), graceMs);
      await closed;
      clearTimeout(timer);
      inside.server.close();
    },
  };
};
