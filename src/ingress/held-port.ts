import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";

export type PortState = {
  port: number;
  protocol: "tcp" | "udp";
  /** `taken`: another user's cloud or another program has it now, and we take it when it lets go. */
  state: "open" | "taken" | "closed";
  reason?: string;
};

type Place = { address: string; port: number; onState: (state: PortState) => void };

/** How soon a port is taken over from a process that does not share it, after that has died. */
const retryMs = 500;

/**
 * All clouds of a user listen at once, and the kernel gives each connection to one of them: when one ends, nobody is refused until another takes over.
 * Linux alone spreads them so, and only among processes of one user (socket(7), SO_REUSEPORT).
 */
const reusePort = process.platform === "linux";

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

/** How long one that closes goes on with what it has begun for others. */
export const graceMs = 500;

/** The moment just after all that waited at the sockets was read: what waits when they close is lost. */
const justRead = (): Promise<void> => setImmediate();

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
        timer = globalThis.setTimeout(() => void again(), retryMs).unref();
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

/** When it is closed, it takes no more connections, and resolves after the last of those it took has ended. */
export const holdTcp = (place: Place, onConnection: (socket: Socket) => void): HeldPort =>
  hold(place, "tcp", (failed, opened) => {
    // Paused: nothing is read before it is known whose connection it is.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, onConnection);
    server.once("error", failed).listen({ host: place.address, port: place.port, reusePort }, opened);
    return async () => {
      await justRead();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    };
  });

type OnMessage = (message: Buffer, from: RemoteInfo, socket: DatagramSocket) => Promise<void>;

/** When it is closed, it first answers what it has: a query that is lost costs its asker five seconds (resolv.conf(5), timeout). */
export const holdUdp = (place: Place, onMessage: OnMessage): HeldPort =>
  hold(place, "udp", (failed, opened) => {
    const socket = createSocket({ type: "udp4", reusePort });
    let bound = false;
    let released = false;
    let answering = 0;
    socket.on("error", (error) => {
      // An error of a single message leaves the socket as it was.
      if (!bound) failed(error);
    });
    socket.on("message", async (message, from) => {
      answering += 1;
      await onMessage(message, from, socket);
      answering -= 1;
    });
    socket.bind({ address: place.address, port: place.port }, () => {
      bound = true;
      opened();
    });
    return async () => {
      if (released) return;
      released = true;
      const until = performance.now() + graceMs;
      do {
        await setTimeout(1);
        await justRead();
      } while (answering > 0 && performance.now() < until);
      await new Promise<void>((resolve) => socket.close(resolve));
    };
  });
