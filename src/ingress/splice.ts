import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { dirname } from "node:path";

/** For whom and which of the door's ports a connection is that another cloud's door took for us. */
export type Caller = { remoteAddress: string; port: number };

const maxGreeting = 64;
const greetingMs = 5_000;

const formatGreeting = ({ remoteAddress, port }: Caller): string => `${remoteAddress} ${port}\n`;

const parseGreeting = (line: string): Caller | undefined => {
  const match = /^([0-9a-f.:]{2,45}) (\d{1,5})$/.exec(line);
  return match ? { remoteAddress: match[1] ?? "", port: Number(match[2]) } : undefined;
};

/** Hands a connection as it is, byte for byte, to the door of the cloud that owns the caller. */
export const splice = (socket: Socket, path: string, caller: Caller): void => {
  const inner = connect({ path, allowHalfOpen: true });
  const both = [socket, inner];
  for (const one of both) {
    one.on("error", () => undefined);
    one.once("close", () => {
      for (const each of both) each.destroy();
    });
  }
  inner.write(formatGreeting(caller));
  socket.pipe(inner);
  inner.pipe(socket);
};

/** Asks the door of another cloud over one short stream. */
export const askThrough = (path: string, caller: Caller, message: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const inner = connect({ path, allowHalfOpen: true });
    inner.setTimeout(greetingMs, () => inner.destroy(new Error("no answer")));
    inner.once("error", reject);
    inner.on("data", (chunk: Buffer) => parts.push(chunk));
    inner.once("end", () => {
      inner.destroy();
      resolve(Buffer.concat(parts));
    });
    inner.end(Buffer.concat([Buffer.from(formatGreeting(caller)), message]));
  });

const readGreeting = (socket: Socket, done: (caller: Caller | undefined) => void): void => {
  let seen: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), greetingMs).unref();
  const look = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf(10);
      if (end < 0 && seen.length <= maxGreeting) continue;
      clearTimeout(timer);
      socket.off("readable", look);
      const rest = seen.subarray(end + 1);
      if (end >= 0 && rest.length > 0) socket.unshift(rest);
      done(end >= 0 && end <= maxGreeting ? parseGreeting(seen.toString("latin1", 0, end)) : undefined);
      return;
    }
  };
  socket.on("readable", look);
};

/** Listens where other clouds hand over what came for us. The path's rights decide who may: the socket is its owner's alone. */
export const listenInside = async (
  path: string,
  onConnection: (socket: Socket, caller: Caller) => void,
): Promise<{ close(): Promise<void> }> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  // What a process that died left in the way; the path names this cloud, and no other process serves it.
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    readGreeting(socket, (caller) => {
      if (caller) onConnection(socket, caller);
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ path }, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
