import { connect } from "node:net";
import type { Socket } from "node:net";

/**
 * One keep-alive connection that costs the measuring process as little as can be: requests are bytes, of answers only status and length are read. A
 * server that closes after each answer gets a new connection for the next.
 */
export type RawClient = { ask(request: Buffer | string): Promise<number>; close(): void };

const answerMs = 60_000;

export const openRawClient = async (port: number): Promise<RawClient> => {
  let socket: Socket | undefined = await open(port);
  return {
    ask: async (request) => {
      socket ??= await open(port);
      const { status, closes } = await exchange(socket, request);
      if (closes) {
        socket.destroy();
        socket = undefined;
      }
      return status;
    },
    close: () => socket?.destroy(),
  };
};

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const opening = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(opening)).once("error", reject);
  });

const exchange = (socket: Socket, request: Buffer | string) =>
  new Promise<{ status: number; closes: boolean }>((resolve, reject) => {
    let received: Buffer | undefined;
    const broken = () => reject(new Error("The server closed the connection."));
    const late = setTimeout(() => reject(new Error(`No answer within ${answerMs} ms.`)), answerMs);
    const take = (bytes: Buffer) => {
      received = received ? Buffer.concat([received, bytes]) : bytes;
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const head = received.toString("latin1", 0, headEnd);
      if (received.length < headEnd + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)) return;
      clearTimeout(late);
      socket.off("data", take).off("close", broken);
      resolve({ status: Number(head.slice(9, 12)), closes: head.startsWith("HTTP/1.0") || /\r\nconnection: close/i.test(head) });
    };
    socket.on("data", take).once("close", broken);
    socket.write(request);
  });
