import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";

export type PortState = {
  port: number;
  protocol: "tcp" | "udp";
  /** `taken`: another cloud or program has it now, and we take it when it lets go. */
  state: "open" | "taken" | "closed";
  reason?: string;
};

type Place = { address: string; port: number; onState: (state: PortState) => void };

/** How soon a port is taken over after the process that had it has died. */
const retryMs = 500;

const explain = ({ address, port }: Place, error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case "EADDRINUSE":
      return `another cloud or program listens on ${address}:${port}`;
    case "EACCES":
      return `this user may not listen on port ${port}; run as root, or set the sysctl net.ipv4.ip_unprivileged_port_start=0`;
    case "EADDRNOTAVAIL":
      return `this machine does not have the address ${address}; the container engine runs elsewhere, or its network is not up`;
    default:
      return error.message;
  }
};

/** Keeps trying to open a port until it is closed itself; tells each change of its state once. */
const hold = (
  place: Place,
  protocol: "tcp" | "udp",
  open: (failed: (error: NodeJS.ErrnoException) => void, opened: () => void) => () => Promise<void>,
) => {
  let timer: NodeJS.Timeout | undefined;
  let release: () => Promise<void> = async () => undefined;
  let closed = false;
  let last = "";
  const tell = (state: PortState["state"], reason?: string): void => {
    if (closed || last === `${state} ${reason}`) return;
    last = `${state} ${reason}`;
    place.onState({ port: place.port, protocol, state, ...(reason === undefined ? {} : { reason }) });
  };
  /** Resolves after the first attempt, however it went. */
  const attempt = (): Promise<void> =>
    new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        resolve();
        if (closed) return;
        tell(error.code === "EADDRINUSE" ? "taken" : "closed", explain(place, error));
        clearTimeout(timer);
        timer = setTimeout(() => void again(), retryMs).unref();
      };
      release = open(failed, () => {
        tell("open");
        resolve();
      });
    });
  const again = async (): Promise<void> => {
    await release();
    if (!closed) await attempt();
  };
  const close = async (): Promise<void> => {
    closed = true;
    clearTimeout(timer);
    await release();
  };
  return { first: attempt(), close };
};

/** A port that is ours, or will be as soon as it is free. */
export type HeldPort = ReturnType<typeof hold>;

export const holdTcp = (place: Place, onConnection: (socket: Socket) => void): HeldPort =>
  hold(place, "tcp", (failed, opened) => {
    const sockets = new Set<Socket>();
    // Paused: nothing is read before it is known whose connection it is.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      onConnection(socket);
    });
    server.once("error", failed).listen({ host: place.address, port: place.port, exclusive: true }, opened);
    return () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
  });

export const holdUdp = (place: Place, onMessage: (message: Buffer, from: RemoteInfo, socket: DatagramSocket) => void): HeldPort =>
  hold(place, "udp", (failed, opened) => {
    const socket = createSocket("udp4");
    let bound = false;
    let released = false;
    socket.on("error", (error) => {
      // An error of a single message leaves the socket as it was.
      if (!bound) failed(error);
    });
    socket.on("message", (message, from) => onMessage(message, from, socket));
    socket.bind({ address: place.address, port: place.port, exclusive: true }, () => {
      bound = true;
      opened();
    });
    return () =>
      new Promise((resolve) => {
        if (released) resolve();
        else socket.close(() => resolve());
        released = true;
      });
  });
